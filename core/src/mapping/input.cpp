// SPDX-License-Identifier: MIT
#include <mercator/mapping/input.hpp>

#include "assigned_member.hpp"
#include "scratch_object.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/json_text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace mercator {

namespace {

using Json = nlohmann::json;

/// Why a value was refused; never leaves this file.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

template <class Number>
Value number_in(const std::string& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) throw Refused("the number is out of range");
    if (error != std::errc() || end != text.data() + text.size())
        throw Refused("is not a number of this kind");
    return Value(number);
}

Value truth_in(const std::string& text) {
    if (text == "true" || text == "1" || text == "on") return Value(true);
    if (text == "false" || text == "0" || text == "off") return Value(false);
    throw Refused("is neither true nor false");
}

/// A text as what the member can be given; the member itself reads dates, decimals and the like.
Value from_text(const Field& field, const Value& value) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr || field.kind == FieldKind::Codec) return value;
    if (field.optional && text->empty() && field.kind != FieldKind::String) return Value();
    if (field.kind == FieldKind::Boolean) return truth_in(*text);
    if (field.kind >= FieldKind::Int8 && field.kind <= FieldKind::Int64)
        return number_in<std::int64_t>(*text);
    if (field.kind >= FieldKind::UInt8 && field.kind <= FieldKind::UInt64)
        return number_in<std::uint64_t>(*text);
    if (field.kind == FieldKind::Float || field.kind == FieldKind::Double)
        return number_in<double>(*text);
    return value;
}

void check_length(const Field& field, const Value& value) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr || field.type.kind != TypeKind::String || field.type.length == 0) return;
    const auto characters = std::count_if(text->begin(), text->end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    if (static_cast<std::uint32_t>(characters) > field.type.length)
        throw Refused(fmt::format("is longer than {} characters", field.type.length));
}

std::string reason_of(const std::exception& error) {
    const auto* data = dynamic_cast<const DatabaseError*>(&error);
    return data == nullptr ? error.what() : data->info().message;
}

/// Values for one object, tried on another one first.
class Input {
public:
    Input(const Mapper& mapper, std::span<const std::uint32_t> allowed, Unlisted unlisted) :
        mapper_(mapper),
        unlisted_(unlisted),
        scratch_(mapper.object_type()) {
        for (const auto offset : allowed) allow(offset);
    }

    /// The column of this name, if it may be set; what may not is noted.
    const ColumnProperty* listed(const std::string& name) {
        const ColumnProperty* property = mapper_.find_column(name);
        if (property != nullptr &&
            std::find(allowed_.begin(), allowed_.end(), property) != allowed_.end())
            return property;
        if (unlisted_ == Unlisted::ignore) {
            ignored_.push_back(name);
        } else {
            refuse(name, property == nullptr ? "there is no such field" : "may not be set");
        }
        return nullptr;
    }

    void refuse(const std::string& path, std::string reason) {
        invalid_.push_back({path, std::move(reason)});
    }

    /// `convert` gives the value, or throws Refused.
    template <class Convert>
    void set(const std::string& path, const ColumnProperty& property, Convert&& convert) {
        try {
            const Value value = convert();
            if (value.is_null() && !property.field.optional) throw Refused("cannot be null");
            store(property.field, scratch_.object(), value);
            std::byte* member = scratch_.object() + property.field.offset;
            if (property.put_into_form) property.put_into_form(member);
            if (property.validate) property.validate(member);
            check_length(property.field, load(property.field, scratch_.object()));
            set_.push_back(&property);
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& error) {
            refuse(path, reason_of(error));
        }
    }

    /// All or nothing.
    std::vector<std::string> write_to(void* object) {
        if (!invalid_.empty())
            throw ValidationError(std::string(mapper_.class_name()), std::move(invalid_));
        auto* bytes = static_cast<std::byte*>(object);
        for (const ColumnProperty* property : set_) {
            assign_member(mapper_, *property, bytes, load(property->field, scratch_.object()));
        }
        return std::move(ignored_);
    }

private:
    void allow(std::uint32_t offset) {
        for (const auto& part : mapper_.embedded()) {
            if (part.offset != offset) continue;
            for (const auto column : part.columns) allowed_.push_back(&mapper_.columns()[column]);
            return;
        }
        allowed_.push_back(&mapper_.column_at(offset));
    }

    const Mapper& mapper_;
    Unlisted unlisted_;
    ScratchObject scratch_;
    std::vector<const ColumnProperty*> allowed_;
    std::vector<const ColumnProperty*> set_;
    std::vector<InvalidField> invalid_;
    std::vector<std::string> ignored_;
};

std::optional<Bytes> from_base64(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return std::nullopt;
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    Bytes bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char letter : text) {
        const auto digit = digits.find(letter);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<std::byte>((bits >> static_cast<unsigned>(held)) & 0xFFU));
    }
    return bytes;
}

Value number_of(const Json& json) {
    if (json.is_number_unsigned()) return Value(json.get<std::uint64_t>());
    if (json.is_number_integer()) return Value(json.get<std::int64_t>());
    return Value(json.get<double>());
}

bool is_kept_as_json(const Field& field) {
    return field.type.kind == TypeKind::Json || field.type.kind == TypeKind::Array;
}

Value text_of(const Field& field, const Json& json) {
    const auto& text = json.get_ref<const std::string&>();
    if (field.kind != FieldKind::Bytes) return Value(text);
    auto bytes = from_base64(text);
    if (!bytes) throw Refused("is not text in base64");
    return Value(std::move(*bytes));
}

bool takes_numbers(const Field& field) {
    return field.kind >= FieldKind::Int8 && field.kind <= FieldKind::Double;
}

Value value_of(const Field& field, const Json& json) {
    if (is_kept_as_json(field) && !(json.is_null() && field.optional)) return Value(json.dump());
    if (json.is_null()) return Value();
    const bool is_codec = field.kind == FieldKind::Codec;
    if (json.is_boolean() && (is_codec || field.kind == FieldKind::Boolean))
        return Value(json.get<bool>());
    const bool is_whole = json.is_number_integer();
    if (json.is_number() &&
        (is_codec || takes_numbers(field) || (field.kind == FieldKind::Decimal && is_whole)))
        return number_of(json);
    if (json.is_number() && field.kind == FieldKind::Decimal)
        throw Refused("must be a text, since a number with a fraction loses digits");
    if (json.is_string() && !takes_numbers(field) && field.kind != FieldKind::Boolean)
        return text_of(field, json);
    throw Refused(fmt::format("cannot be {} {}", json.is_object() || json.is_array() ? "an" : "a",
                              json.type_name()));
}

void set_from_object(Input& input, const Mapper& mapper, const Json& json,
                     const std::string& prefix) {
    for (const auto& [key, value] : json.items()) {
        const std::string path = prefix + key;
        const bool is_part =
            std::any_of(mapper.embedded().begin(), mapper.embedded().end(),
                        [&](const Mapper::Embedded& part) { return part.member == path; });
        if (is_part && value.is_object()) {
            set_from_object(input, mapper, value, path + '.');
        } else if (is_part) {
            input.refuse(path, "must be an object");
        } else if (const ColumnProperty* property = input.listed(path)) {
            const Json& given = value;
            input.set(path, *property, [&] { return value_of(property->field, given); });
        }
    }
}

} // namespace

std::vector<std::string> assign_values(const Mapper& mapper, void* object,
                                       std::span<const std::uint32_t> allowed,
                                       std::span<const NamedValue> values, Unlisted unlisted) {
    Input input(mapper, allowed, unlisted);
    for (const auto& [name, value] : values) {
        const ColumnProperty* property = input.listed(name);
        if (property == nullptr) continue;
        const Value& given = value;
        input.set(name, *property, [&] { return from_text(property->field, given); });
    }
    return input.write_to(object);
}

std::vector<std::string> assign_json(const Mapper& mapper, void* object,
                                     std::span<const std::uint32_t> allowed, std::string_view text,
                                     Unlisted unlisted) {
    if (is_nested_too_deep(text)) {
        throw ValidationError(
            std::string(mapper.class_name()),
            {{std::string(mapper.class_name()),
              fmt::format("the text is nested deeper than {} levels", most_json_levels)}});
    }
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
        throw ValidationError(
            std::string(mapper.class_name()),
            {{std::string(mapper.class_name()),
              json.is_discarded() ? "the text is not JSON" : "must be a JSON object"}});
    }
    Input input(mapper, allowed, unlisted);
    set_from_object(input, mapper, json, {});
    return input.write_to(object);
}

} // namespace mercator
