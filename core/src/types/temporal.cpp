// SPDX-License-Identifier: MIT
#include <mercator/types/temporal.hpp>

#include <mercator/support/error.hpp>
#include <mercator/types/clock.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <limits>

namespace mercator {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_days;

constexpr int first_year = 1;
constexpr int last_year = 9999;

constexpr DateTime first_moment =
    sys_days(Date(std::chrono::year(first_year), std::chrono::January, std::chrono::day(1)));
constexpr DateTime end_of_time =
    sys_days(Date(std::chrono::year(last_year + 1), std::chrono::January, std::chrono::day(1)));
constexpr std::string_view not_storable = "(no day of the years 0001 to 9999)";

// Digits from the right into a field of fixed width.
void write_number(unsigned value, int width, char* out) noexcept {
    for (int i = width - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

void write_day(Date day, char* out) noexcept {
    write_number(static_cast<unsigned>(static_cast<int>(day.year())), 4, out);
    out[4] = '-';
    write_number(static_cast<unsigned>(day.month()), 2, out + 5);
    out[7] = '-';
    write_number(static_cast<unsigned>(day.day()), 2, out + 8);
}

// Takes fixed-width numbers and single characters from the front of a text; any mismatch sticks.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : text_(text) {}

    int number(std::size_t width) noexcept {
        int value = 0;
        if (text_.size() < width) return fail();
        for (std::size_t i = 0; i < width; ++i) {
            const char c = text_[i];
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(width);
        return value;
    }
    bool take(char c) noexcept {
        if (!next_is(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    void expect(char c) noexcept {
        if (!take(c)) fail();
    }
    [[nodiscard]] bool next_is(char c) const noexcept {
        return !text_.empty() && text_.front() == c;
    }
    [[nodiscard]] bool next_is_digit() const noexcept {
        return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
    }
    [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    int fail() noexcept {
        ok_ = false;
        text_ = {};
        return 0;
    }

private:
    std::string_view text_;
    bool ok_ = true;
};

Date read_day(Reader& reader) noexcept {
    const int year = reader.number(4);
    reader.expect('-');
    const int month = reader.number(2);
    reader.expect('-');
    const int day = reader.number(2);
    return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
            std::chrono::day(static_cast<unsigned>(day))};
}

microseconds read_fraction(Reader& reader) noexcept {
    constexpr int longest = 9;
    constexpr int kept = 6;
    int value = 0;
    int digits = 0;
    for (; reader.next_is_digit(); ++digits) {
        const int digit = reader.number(1);
        if (digits < kept) value = value * 10 + digit;
    }
    if (digits == 0 || digits > longest) reader.fail();
    for (; digits < kept; ++digits) value *= 10;
    return microseconds(value);
}

/// ":SS.ffffff" behind hours and minutes.
char* write_seconds(unsigned second, unsigned fraction, char* out) noexcept {
    *out++ = ':';
    write_number(second, 2, out);
    if (fraction == 0) return out + 2;
    out[2] = '.';
    write_number(fraction, 6, out + 3);
    return out + 9;
}

/// Hours may have more than two digits.
char* write_time(std::uint64_t micros, char* out) noexcept {
    const std::uint64_t seconds = micros / 1'000'000;
    const std::uint64_t hours = seconds / 3600;
    if (hours < 10) *out++ = '0';
    out = std::to_chars(out, out + 16, hours).ptr;
    *out++ = ':';
    write_number(static_cast<unsigned>(seconds / 60 % 60), 2, out);
    return write_seconds(static_cast<unsigned>(seconds % 60),
                         static_cast<unsigned>(micros % 1'000'000), out + 2);
}

/// Without its sign; nothing if the sum exceeds `limit`.
std::optional<std::uint64_t> read_length(Reader& reader, std::uint64_t limit) noexcept {
    constexpr std::uint64_t most_hours = 2'562'047'788; // of 64 bits of microseconds
    std::uint64_t hours = 0;
    if (!reader.next_is_digit()) reader.fail();
    while (reader.next_is_digit() && hours <= most_hours)
        hours = hours * 10 + static_cast<unsigned>(reader.number(1));
    if (hours > most_hours) return std::nullopt;
    reader.expect(':');
    const int minute = reader.number(2);
    reader.expect(':');
    const int second = reader.number(2);
    const microseconds fraction = reader.take('.') ? read_fraction(reader) : microseconds{};
    if (!reader.ok() || !reader.at_end() || minute > 59 || second > 59) return std::nullopt;
    const std::uint64_t total =
        ((hours * 60 + static_cast<unsigned>(minute)) * 60 + static_cast<unsigned>(second)) *
            1'000'000 +
        static_cast<std::uint64_t>(fraction.count());
    return total <= limit ? std::optional(total) : std::nullopt;
}

microseconds read_time(Reader& reader) noexcept {
    const int hour = reader.number(2);
    reader.expect(':');
    const int minute = reader.number(2);
    int second = 0;
    microseconds fraction{};
    if (reader.take(':')) {
        second = reader.number(2);
        if (reader.take('.')) fraction = read_fraction(reader);
    }
    if (hour > 23 || minute > 59 || second > 59) reader.fail();
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
           fraction;
}

// Moments are UTC; any other offset would have to be converted by somebody who knows what was
// meant.
void read_utc_mark(Reader& reader) noexcept {
    if (reader.take('Z') || !reader.take('+')) return;
    if (reader.number(2) != 0) reader.fail();
    if (reader.take(':') && reader.number(2) != 0) reader.fail();
}

} // namespace

namespace {

std::atomic<Clock> other_clock{nullptr};

} // namespace

Clock set_clock(Clock clock) noexcept {
    return other_clock.exchange(clock);
}

DateTime utc_now() {
    if (const Clock clock = other_clock.load(std::memory_order_relaxed)) return clock();
    return floor<microseconds>(std::chrono::system_clock::now());
}

Date today() {
    return Date(floor<days>(utc_now()));
}

bool is_storable(DateTime moment) noexcept {
    return moment >= first_moment && moment < end_of_time;
}

bool is_storable(Date day) noexcept {
    return day.ok() && static_cast<int>(day.year()) >= first_year &&
           static_cast<int>(day.year()) <= last_year;
}

std::size_t write_text(Date day, char* out) noexcept {
    if (!is_storable(day)) return 0;
    write_day(day, out);
    return 10;
}

std::size_t write_text(DateTime moment, char* out) noexcept {
    if (!is_storable(moment)) return 0;
    const auto midnight = floor<days>(moment);
    write_day(Date(midnight), out);
    const auto micros = (moment - midnight).count();
    const auto seconds = static_cast<unsigned>(micros / 1'000'000);
    const auto fraction = static_cast<unsigned>(micros % 1'000'000);
    out[10] = ' ';
    write_number(seconds / 3600, 2, out + 11);
    out[13] = ':';
    write_number(seconds / 60 % 60, 2, out + 14);
    return static_cast<std::size_t>(write_seconds(seconds % 60, fraction, out + 16) - out);
}

std::size_t write_text(Time time, char* out) noexcept {
    const auto micros = static_cast<std::uint64_t>(time.since_midnight().count());
    return static_cast<std::size_t>(write_time(micros, out) - out);
}

std::size_t write_text(Interval interval, char* out) noexcept {
    const auto count = interval.count();
    char* at = out;
    if (count < 0) *at++ = '-';
    // The lowest number has no positive counterpart of its own type.
    const auto magnitude = count < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(count)
                                     : static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(write_time(magnitude, at) - out);
}

std::string to_string(Time time) {
    std::array<char, max_date_time_text> buffer{};
    return {buffer.data(), write_text(time, buffer.data())};
}

std::string to_string(Interval interval) {
    std::array<char, max_date_time_text> buffer{};
    return {buffer.data(), write_text(interval, buffer.data())};
}

void Time::refuse() {
    throw_data_error("a time of day lies between 00:00 and 24:00, the latter excluded", {});
}

std::string to_string(DateTime moment) {
    std::array<char, max_date_time_text> buffer{};
    const std::size_t length = write_text(moment, buffer.data());
    return length == 0 ? std::string(not_storable) : std::string(buffer.data(), length);
}

std::string to_string(Date day) {
    std::array<char, max_date_time_text> buffer{};
    const std::size_t length = write_text(day, buffer.data());
    return length == 0 ? std::string(not_storable) : std::string(buffer.data(), length);
}

std::optional<Date> parse_date(std::string_view text) noexcept {
    Reader reader(text);
    const Date day = read_day(reader);
    if (!reader.ok() || !reader.at_end() || !is_storable(day)) return std::nullopt;
    return day;
}

std::optional<Time> parse_time(std::string_view text) noexcept {
    Reader reader(text);
    const microseconds time = read_time(reader);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return Time(time);
}

std::optional<Interval> parse_interval(std::string_view text) noexcept {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    Reader reader(text);
    const bool negative = reader.take('-');
    const auto magnitude = read_length(reader, negative ? most + 1 : most);
    if (!magnitude) return std::nullopt;
    const std::uint64_t bits = negative ? std::uint64_t{0} - *magnitude : *magnitude;
    return Interval(static_cast<std::int64_t>(bits));
}

std::optional<DateTime> parse_date_time(std::string_view text) noexcept {
    Reader reader(text);
    const Date day = read_day(reader);
    microseconds time{};
    if (!reader.at_end()) {
        if (!reader.take(' ')) reader.expect('T');
        time = read_time(reader);
        read_utc_mark(reader);
    }
    if (!reader.ok() || !reader.at_end() || !is_storable(day)) return std::nullopt;
    return sys_days(day) + time;
}

} // namespace mercator
