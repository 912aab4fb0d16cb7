// SPDX-License-Identifier: MIT
#include <mercator/types/uuid.hpp>

#include <mercator/support/error.hpp>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_hash.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace mercator {
namespace {

constexpr std::uint8_t no_digit = 16;

// Read for every key of every row, so without Boost's streams and exceptions.
constexpr std::array<std::uint8_t, 256> digit_values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        table[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
        table[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
    }
    return table;
}();

constexpr bool has_hyphen_before(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

std::string_view without_dress(std::string_view text) {
    constexpr std::string_view urn = "urn:uuid:";
    if (text.starts_with(urn)) return text.substr(urn.size());
    if (text.size() > 2 && text.front() == '{' && text.back() == '}')
        return text.substr(1, text.size() - 2);
    return text;
}

char* write_byte(std::uint8_t byte, char* out) {
    constexpr char digits[] = "0123456789abcdef";
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
    return out;
}

Uuid from_boost(const boost::uuids::uuid& random) {
    Uuid::ByteArray bytes;
    std::copy(random.begin(), random.end(), bytes.begin());
    return Uuid(bytes);
}

boost::uuids::uuid to_boost(const Uuid& value) {
    boost::uuids::uuid copy;
    std::copy(value.bytes().begin(), value.bytes().end(), copy.begin());
    return copy;
}

} // namespace

Uuid::Uuid(std::string_view text) {
    const auto value = parse(text);
    if (!value) throw_data_error("the text is not a UUID of 32 hexadecimal digits", {});
    *this = *value;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    text = without_dress(text);
    if (text.size() != text_size && text.size() != digits_size) return std::nullopt;
    const bool hyphens = text.size() == text_size;
    ByteArray bytes;
    const char* at = text.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (hyphens && has_hyphen_before(i) && *at++ != '-') return std::nullopt;
        const std::uint8_t high = digit_values[static_cast<unsigned char>(*at++)];
        const std::uint8_t low = digit_values[static_cast<unsigned char>(*at++)];
        if (high == no_digit || low == no_digit) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return Uuid(bytes);
}

void Uuid::write_text(char* out) const noexcept {
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        if (has_hyphen_before(i)) *out++ = '-';
        out = write_byte(bytes_[i], out);
    }
}

void Uuid::write_digits(char* out) const noexcept {
    for (const std::uint8_t byte : bytes_) out = write_byte(byte, out);
}

std::string Uuid::to_string() const {
    std::string text(text_size, '-');
    write_text(text.data());
    return text;
}

std::size_t Uuid::hash() const noexcept {
    return boost::uuids::hash_value(to_boost(*this));
}

Uuid uuid4() {
    // Asks the system each time: a generator of our own would repeat itself in a forked child.
    thread_local boost::uuids::random_generator_pure generate;
    return from_boost(generate());
}

Uuid uuid7() {
    Uuid::ByteArray bytes = uuid4().bytes();
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
                         .time_since_epoch()
                         .count();
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(now) >> (8 * (5 - i)));
    bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
    return Uuid(bytes);
}

} // namespace mercator
