// SPDX-License-Identifier: MIT
#include "echo.hpp"

#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>

namespace mercator {
namespace {

constexpr std::size_t most_shown_rows = 10;
constexpr const char* hidden = "***";

std::string shown(const Field& field, const std::byte* object) {
    if (field.type.sensitive) return hidden;
    try {
        return display(load(field, object));
    } catch (const std::exception&) { // a codec that refuses: the statement says so itself
        return "?";
    }
}

void append_values(std::string& line, const StatementEvent& event) {
    if (event.parameters.empty()) return;
    const std::span<const BindSlot> slots =
        event.compiled == nullptr ? std::span<const BindSlot>() : event.compiled->binds;
    const char* separator = " [";
    for (std::size_t i = 0; i < event.parameters.size(); ++i) {
        const bool secret = !slots.empty() && slots[i % slots.size()].type.sensitive;
        line.append(separator).append(secret ? hidden : display(event.parameters[i]));
        separator = ", ";
    }
    line += ']';
}

void append_batch(std::string& line, const StatementEvent& event) {
    if (event.plan == nullptr || event.plan->fields.empty()) return;
    for (const std::byte* object :
         event.objects.first(std::min(event.objects.size(), most_shown_rows))) {
        const char* separator = " [";
        for (const Field& field : event.plan->fields) {
            line.append(separator).append(shown(field, object));
            separator = ", ";
        }
        line += ']';
    }
    if (event.objects.size() > most_shown_rows) line += " ...";
}

std::string start_of_line(std::string_view text, std::chrono::nanoseconds duration) {
    const double milliseconds = std::chrono::duration<double, std::milli>(duration).count();
    return fmt::format("[{:.2f} ms] {}", milliseconds, text);
}

std::size_t count_of_parameters(const StatementEvent& event) {
    return event.plan == nullptr ? event.parameters.size()
                                 : event.plan->fields.size() * event.objects.size();
}

void append_parameters(std::string& line, const StatementEvent& event, ShownParameters parameters) {
    if (parameters == ShownParameters::All) {
        append_values(line, event);
        append_batch(line, event);
    } else if (parameters == ShownParameters::Hidden && count_of_parameters(event) != 0) {
        fmt::format_to(std::back_inserter(line), " [{} parameters hidden]",
                       count_of_parameters(event));
    }
}

} // namespace

std::string echo_line(TransactionCommand command, std::string_view savepoint,
                      std::chrono::nanoseconds duration, bool failed) {
    std::string line = start_of_line(words_of(command), duration);
    if (!savepoint.empty()) line.append(" ").append(savepoint);
    if (failed) line += " (failed)";
    return line;
}

std::string echo_line(const StatementEvent& event, ShownParameters parameters) {
    std::string line = start_of_line(event.sql, event.duration);
    if (event.rows != 1) fmt::format_to(std::back_inserter(line), " ({} rows)", event.rows);
    append_parameters(line, event, parameters);
    if (event.failed) line += " (failed)";
    return line;
}

} // namespace mercator
