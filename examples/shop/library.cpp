// SPDX-License-Identifier: MIT
// The shop's models as a shared library of their own, for the command `mercator`:
//   mercator --app build/demo/libshop_models.so --uri sqlite:///shop.db shell
#include "models.hpp"

#include <mercator/session/model_library.hpp>

MERCATOR_MODELS(shop::User, shop::Address, shop::Category, shop::Product, shop::CartItem,
                shop::Order, shop::OrderItem)
