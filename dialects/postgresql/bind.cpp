// SPDX-License-Identifier: MIT
#include "bind.hpp"

#include "array_text.hpp"
#include "encode.hpp"

#include <limits>
#include <string>
#include <variant>

namespace mercator::postgresql {
namespace {

std::string parameter_name(std::size_t slot) {
    return fmt::format("parameter {}", slot + 1);
}

Encoded encode_alternative(const SlotType& slot, const Value& value, char* scratch,
                           std::string_view where) {
    return std::visit(
        [&](const auto& alternative) -> Encoded {
            if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, Null>)
                return {};
            else
                return encode(slot, alternative, scratch, where);
        },
        value.storage());
}

Encoded encode_member(const SlotType& slot, const Field& field, const std::byte* object,
                      char* scratch) {
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) -> Encoded {
        const T* member = member_of<T>(field, object);
        return member == nullptr ? Encoded{} : encode(slot, *member, scratch, field.where);
    });
}

} // namespace

void throw_misfit(const SqlType& type, std::string_view where) {
    throw_data_error(
        fmt::format("the value's kind does not fit a parameter of type {}", to_string(type)),
        std::string(where));
}

void throw_too_large(const SqlType& type, std::string_view where) {
    throw_data_error(fmt::format("the value is out of range for {}", to_string(type)),
                     std::string(where));
}

Decimal checked_decimal(const Decimal& value, const SqlType& type, std::string_view where) {
    if (type.kind != TypeKind::Numeric || type.precision == 0) return value;
    if (value.scale() == type.scale && value.precision() <= type.precision) return value;
    const auto scaled = value.rescaled(type.scale);
    if (!scaled)
        throw_data_error(
            fmt::format("the value has too many digits for {}; round it first", to_string(type)),
            std::string(where));
    if (scaled->precision() > type.precision) throw_too_large(type, where);
    return *scaled;
}

void check_storable(DateTime moment, std::string_view where) {
    if (!is_storable(moment))
        throw_data_error("the time is outside the years 0001 to 9999", std::string(where));
}

void check_storable(Date day, std::string_view where) {
    if (!is_storable(day))
        throw_data_error("the day does not exist or is outside the years 0001 to 9999",
                         std::string(where));
}

Encoded encode_value(const SqlType& type, const Value& value, char* scratch,
                     std::string_view where) {
    return encode_alternative(SlotType{wire_type(type), &type}, value, scratch, where);
}

Parameters::Parameters(const Compiled& compiled) {
    const bool arrays = compiled.form == ast::BatchForm::Arrays;
    const std::uint32_t rows = compiled.form == ast::BatchForm::MultiRow ? compiled.rows : 1;
    for (std::uint32_t row = 0; row < rows; ++row) {
        for (const BindSlot& slot : compiled.binds) {
            const WireType wire = wire_type(slot.type);
            sql_types_.push_back(slot.type);
            slots_.push_back(wire);
            types_.push_back(arrays || wire == WireType::Array
                                 ? array_oid(arrays ? wire : wire_type(slot.type.element_type()))
                                 : parameter_oid(wire));
            formats_.push_back(travels_as_text(wire) && !arrays ? 0 : 1);
        }
    }
    values_.resize(slots_.size());
    lengths_.resize(slots_.size());
    scratch_.resize(slots_.size());
}

void Parameters::check_count(std::size_t given) const {
    if (given != slots_.size())
        throw_data_error(fmt::format("the statement takes {} values, not {}", slots_.size(), given),
                         {});
}

void Parameters::put(std::size_t slot, Encoded encoded) {
    if (encoded.length > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw_data_error("the value is longer than a message to the server can be",
                         parameter_name(slot));
    values_[slot] = encoded.data;
    lengths_[slot] = static_cast<int>(encoded.length);
}

void Parameters::set(std::span<const Value> values) {
    check_count(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const SlotType slot{slots_[i], &sql_types_[i]};
        try {
            const bool is_array = slots_[i] == WireType::Array && !values[i].is_null();
            put(i, encode_alternative(slot, is_array ? hold_array(i, values[i], {}) : values[i],
                                      scratch_[i].data(), {}));
        } catch (const DataError& error) { // the name is made only when it is needed
            throw_data_error(error.info().message, parameter_name(i));
        }
    }
}

void Parameters::set_row(const BindPlan& plan, const std::byte* object) {
    check_count(plan.fields.size());
    set_slots(plan, object, 0);
}

void Parameters::set_rows(const BindPlan& plan, std::span<const std::byte* const> rows) {
    check_count(plan.fields.size() * rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) set_slots(plan, rows[i], i * plan.fields.size());
}

void Parameters::set_slots(const BindPlan& plan, const std::byte* object, std::size_t first_slot) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
        const Field& field = plan.fields[i];
        const std::size_t at = first_slot + i;
        const SlotType slot{slots_[at], &sql_types_[at]};
        if (field.kind != FieldKind::Codec) {
            put(at, encode_member(slot, field, object, scratch_[at].data()));
            continue;
        }
        if (held_.size() < slots_.size()) held_.resize(slots_.size());
        held_[at] = load(field, object);
        if (slots_[at] == WireType::Array && !held_[at].is_null())
            hold_array(at, held_[at], field.where);
        put(at, encode_alternative(slot, held_[at], scratch_[at].data(), field.where));
    }
}

const Value& Parameters::hold_array(std::size_t slot, const Value& list, std::string_view where) {
    if (held_.size() < slots_.size()) held_.resize(slots_.size());
    held_[slot] = Value(array_text(sql_types_[slot], list, where));
    return held_[slot];
}

void Parameters::set_arrays(const BindPlan& plan, std::span<const std::byte* const> rows) {
    check_count(plan.fields.size());
    arrays_.resize(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        write_array(arrays_[i], sql_types_[i], plan.fields[i], rows);
        put(i, {arrays_[i].data(), arrays_[i].size()});
    }
}

} // namespace mercator::postgresql
