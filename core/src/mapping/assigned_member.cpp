// SPDX-License-Identifier: MIT
#include "assigned_member.hpp"

#include "deferred_member.hpp"
#include "scratch_object.hpp"

#include <mercator/mapping/attribute.hpp>

namespace mercator {

namespace {

const AttributeLink* attribute_link(const ColumnProperty& property, const std::byte* object) {
    if (property.attribute_offset == 0) return nullptr;
    return reinterpret_cast<const AttributeLink*>(object + property.field.offset +
                                                  property.attribute_offset);
}

} // namespace

void assign_member(const Mapper& mapper, const ColumnProperty& property, std::byte* object,
                   const Value& value) {
    load_if_deferred(property, object);
    const AttributeLink* link = attribute_link(property, object);
    if (link != nullptr && link->is_watched()) {
        // Listeners look at a value of the member's own type.
        ScratchObject scratch(mapper.object_type());
        store(property.field, scratch.object(), value);
        link->tell(object + property.field.offset, scratch.object() + property.field.offset);
        store(property.field, object, load(property.field, scratch.object()));
    } else {
        store(property.field, object, value);
    }
    if (property.put_into_form) property.put_into_form(object + property.field.offset);
}

} // namespace mercator
