// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/type_rules.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mercator {

/// True for `enum class` types.
template <class E>
concept ScopedEnum = std::is_enum_v<E> && !std::is_convertible_v<E, std::underlying_type_t<E>>;

/// An enumerator and the name under which it is stored.
template <class E>
struct EnumEntry {
    E value;
    std::string_view name;
};

/// Finds the names of an enum class's enumerators at compile time, by having the compiler spell all
/// values from -128 to 255 in the name of one function. Used by `EnumNames`; not for direct use.
template <ScopedEnum E>
class EnumScan {
    using Underlying = std::underlying_type_t<E>;
    using Limits = std::numeric_limits<Underlying>;

    static constexpr int lowest = std::is_signed_v<Underlying> ? -128 : 0;
    static constexpr int highest =
        static_cast<int>(std::min<std::uintmax_t>(255, static_cast<std::uintmax_t>(Limits::max())));
    static constexpr std::size_t candidates = static_cast<std::size_t>(highest - lowest + 1);

    struct Name {
        int value = 0;
        const char* begin = nullptr;
        std::size_t length = 0;
    };
    struct Found {
        std::array<Name, candidates> names{};  // the first `count`
        std::size_t count = 0;
        std::size_t characters = 0;
    };

    // One instantiation whose name holds every candidate: "Status::draft, (Status)1, ...".
    template <E... Candidates>
    static constexpr auto spelled() noexcept {
        const std::string_view text = __PRETTY_FUNCTION__;
        constexpr std::string_view marker = "Candidates = ";
        return text.substr(text.find(marker) + marker.size() + 1);
    }

    template <std::size_t... Index>
    static constexpr auto spelled_candidates(std::index_sequence<Index...>) noexcept {
        return spelled<static_cast<E>(lowest + static_cast<int>(Index))...>();
    }

    static constexpr bool is_name_character(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }

    static constexpr bool is_number_character(char c) noexcept {
        return (c >= '0' && c <= '9') || c == '-';
    }

    // The end of the spelling that begins at `at`: a comma or bracket that is not inside brackets,
    // as those belong to the enum's own qualification.
    static constexpr const char* end_of_spelling(const char* at, const char* end) noexcept {
        for (int depth = 0; at != end; ++at) {
            const char c = *at;
            if (c == '(' || c == '<' || c == '{') ++depth;
            else if (c == ')' || c == '>' || c == '}') {
                if (depth-- == 0) return at;
            } else if (c == ',' && depth == 0) return at;
        }
        return end;
    }

    // Does a number follow the bracket that closes before `length`?
    static constexpr bool is_cast(const char* at, const char* end, std::size_t length) noexcept {
        return *at == '(' && length < static_cast<std::size_t>(end - at) &&
               at[length - 1] == ')' && is_number_character(at[length]);
    }

    // The length of "(shop::Status)" before the number of a value without a name, or 0.
    static constexpr std::size_t cast_length(const char* at, const char* end) noexcept {
        if (*at != '(') return 0;
        const auto length = static_cast<std::size_t>(end_of_spelling(at + 1, end) + 1 - at);
        return is_cast(at, end, length) ? length : 0;
    }

    static constexpr Found find() noexcept {
        Found result;
        const std::string_view text = spelled_candidates(std::make_index_sequence<candidates>());
        const char* at = text.data();
        const char* const end = at + text.size();
        std::size_t cast = 0;  // all values without a name have the same, so it is measured once
        for (int value = lowest; value <= highest && at < end; ++value) {
            if (cast == 0) cast = cast_length(at, end);
            const bool has_cast = cast != 0 && is_cast(at, end, cast);
            if (has_cast || is_number_character(*at)) {
                if (has_cast) at += cast;
                while (is_number_character(*at)) ++at;
            } else {
                const char* const stop = end_of_spelling(at, end);
                const char* begin = stop;
                while (begin != at && is_name_character(*(begin - 1))) --begin;
                const auto length = static_cast<std::size_t>(stop - begin);
                result.names[result.count++] = Name{value, begin, length};
                result.characters += length;
                at = stop;
            }
            at += 2;  // ", "
        }
        return result;
    }

    static constexpr Found found = find();

    // Copies of the names, so that the very long function name does not end up in the program.
    static constexpr std::array<char, found.characters + 1> characters = [] {
        std::array<char, found.characters + 1> all{};
        char* out = all.data();
        for (std::size_t i = 0; i < found.count; ++i) {
            out = std::copy(found.names[i].begin, found.names[i].begin + found.names[i].length, out);
        }
        return all;
    }();

public:
    static constexpr std::array<EnumEntry<E>, found.count> entries = [] {
        std::array<EnumEntry<E>, found.count> all{};
        const char* at = characters.data();
        for (std::size_t i = 0; i < found.count; ++i) {
            all[i].value = static_cast<E>(found.names[i].value);
            all[i].name = std::string_view(at, found.names[i].length);
            at += found.names[i].length;
        }
        return all;
    }();
};

/// The names under which an enum class is stored: those of its enumerators. Enumerators from -128
/// to 255 are found. Specialise it for others, or to choose other names than the program's:
///
///     template <> struct mercator::EnumNames<Status> {
///         static constexpr std::array<mercator::EnumEntry<Status>, 2> entries{{
///             {Status::draft, "D"}, {Status::published, "P"}}};
///     };
///
/// Names and values must each be unique in the list. To store the number, write a TypeDecorator.
template <ScopedEnum E>
struct EnumNames {
    static constexpr const auto& entries = EnumScan<E>::entries;
};

/// Stored name of an enumerator; empty for a value that has none.
template <ScopedEnum E>
[[nodiscard]] constexpr std::string_view enum_name(E value) noexcept {
    for (const auto& entry : EnumNames<E>::entries) {
        if (entry.value == value) return entry.name;
    }
    return {};
}

/// The enumerator stored under `name`, compared exactly.
template <ScopedEnum E>
[[nodiscard]] constexpr std::optional<E> enum_value(std::string_view name) noexcept {
    for (const auto& entry : EnumNames<E>::entries) {
        if (entry.name == name) return entry.value;
    }
    return std::nullopt;
}

/// Only the names, in the order of `EnumNames<E>::entries`.
template <ScopedEnum E>
inline constexpr auto enum_label_names = [] {
    std::array<std::string_view, EnumNames<E>::entries.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = EnumNames<E>::entries[i].name;
    return names;
}();

/// What the SQL type of an enum column points to: for CHECK constraints, lengths and messages. With
/// `static constexpr std::string_view native_name = "status"` in `EnumNames<E>`, every column of the
/// enum is of the database's own type of that name (see NativeEnum).
template <ScopedEnum E>
inline constexpr TypeRules enum_rules = [] {
    TypeRules rules{};
    rules.labels = {enum_label_names<E>.data(),
                    static_cast<std::uint32_t>(enum_label_names<E>.size())};
    if constexpr (requires { EnumNames<E>::native_name; }) {
        rules.native = EnumNames<E>::native_name;
        rules.is_enum_type = true;
    }
    return rules;
}();

/// The SQL type of an enum stored by name: as long as its longest name.
template <ScopedEnum E>
[[nodiscard]] constexpr SqlType enum_sql_type() noexcept {
    SqlType type(TypeKind::Enum);
    type.rules = &enum_rules<E>;
    for (const std::string_view name : enum_label_names<E>) {
        type.length = std::max(type.length, static_cast<std::uint32_t>(name.size()));
    }
    return type;
}

} // namespace mercator
