// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/type_compiler.hpp>

namespace mercator::mysql {

/// Where MySQL's type names differ: unsigned integers are native, text and binary come in sizes,
/// moments keep microseconds, intervals are numbers of them (TIME ends at 838 hours).
class TypeCompiler : public mercator::TypeCompiler {
public:
    /// Does the server have a type UUID? Otherwise its 16 bytes are stored.
    void declare_uuid(bool has_uuid) noexcept { has_uuid_ = has_uuid; }
    /// Does the server know the word JSON? Otherwise documents are plain text.
    void declare_json(bool has_json) noexcept { has_json_ = has_json; }

    [[nodiscard]] std::string compile_cast(const SqlType& type) const override;

protected:
    /// Enums are spelled with their names: ENUM('a', 'b').
    [[nodiscard]] std::string visit_native(const SqlType& type) const override;
    [[nodiscard]] std::string visit_boolean(const SqlType& type) const override;
    [[nodiscard]] std::string visit_integer(const SqlType& type) const override;
    [[nodiscard]] std::string visit_floating(const SqlType& type) const override;
    [[nodiscard]] std::string visit_numeric(const SqlType& type) const override;
    [[nodiscard]] std::string visit_string(const SqlType& type) const override;
    [[nodiscard]] std::string visit_text(const SqlType& type) const override;
    [[nodiscard]] std::string visit_binary(const SqlType& type) const override;
    [[nodiscard]] std::string visit_date_time(const SqlType& type) const override;
    [[nodiscard]] std::string visit_date(const SqlType& type) const override;
    [[nodiscard]] std::string visit_interval(const SqlType& type) const override;
    [[nodiscard]] std::string visit_uuid(const SqlType& type) const override;
    [[nodiscard]] std::string visit_json(const SqlType& type) const override;

private:
    bool has_uuid_ = false;
    bool has_json_ = true;
};

/// Bytes of one character of the character set that all our tables use (utf8mb4).
inline constexpr std::uint32_t bytes_per_character = 4;

/// Longest VARCHAR of that character set: a row has at most 65,535 bytes.
inline constexpr std::uint32_t max_varchar_characters = 16'383;

} // namespace mercator::mysql
