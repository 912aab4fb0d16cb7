// SPDX-License-Identifier: MIT
// The blog's models as a shared library of their own, for the command `mercator`.
#include "models.hpp"

#include <mercator/session/model_library.hpp>

MERCATOR_MODELS(blog::User, blog::Category, blog::Tag, blog::Post, blog::Comment)
