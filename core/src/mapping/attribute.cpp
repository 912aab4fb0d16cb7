// SPDX-License-Identifier: MIT
#include <mercator/mapping/attribute.hpp>

namespace mercator {

void AttributeLink::tell(const void* member, void* value) const {
    owner_->host->value_set(*owner_, member, value);
}

} // namespace mercator
