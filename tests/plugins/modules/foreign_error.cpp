// SPDX-License-Identifier: MIT
// Throws a class that only this library knows.
#include <mercator/plugin/abi.h>

#include <stdexcept>
#include <string>

namespace {

class ForeignError : public std::runtime_error {
public:
    ForeignError() : std::runtime_error("the foreign library said no") {}
    ~ForeignError() override { detail_.clear(); }

private:
    std::string detail_ = "something that the destructor in this library gives back";
};

void* create() {
    throw ForeignError();
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "foreign_error", "1.0.0", "foreignerror", create)
