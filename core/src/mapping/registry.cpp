// SPDX-License-Identifier: MIT
#include <mercator/mapping/registry.hpp>

#include <mercator/mapping/member_name.hpp>

#include <array>

namespace mercator {

namespace {

struct Irregular {
    std::string_view singular;
    std::string_view plural;
};

constexpr std::array irregular_words{Irregular{"person", "people"},
                                     Irregular{"man", "men"},
                                     Irregular{"woman", "women"},
                                     Irregular{"child", "children"},
                                     Irregular{"foot", "feet"},
                                     Irregular{"tooth", "teeth"},
                                     Irregular{"goose", "geese"},
                                     Irregular{"mouse", "mice"},
                                     Irregular{"ox", "oxen"},
                                     Irregular{"leaf", "leaves"},
                                     Irregular{"half", "halves"},
                                     Irregular{"shelf", "shelves"},
                                     Irregular{"wolf", "wolves"},
                                     Irregular{"knife", "knives"},
                                     Irregular{"life", "lives"},
                                     Irregular{"wife", "wives"},
                                     Irregular{"hero", "heroes"},
                                     Irregular{"potato", "potatoes"},
                                     Irregular{"tomato", "tomatoes"},
                                     Irregular{"echo", "echoes"},
                                     Irregular{"criterion", "criteria"},
                                     Irregular{"phenomenon", "phenomena"},
                                     Irregular{"analysis", "analyses"},
                                     Irregular{"basis", "bases"},
                                     Irregular{"crisis", "crises"},
                                     Irregular{"thesis", "theses"},
                                     Irregular{"matrix", "matrices"},
                                     Irregular{"vertex", "vertices"},
                                     Irregular{"index", "indices"},
                                     Irregular{"quiz", "quizzes"},
                                     Irregular{"datum", "data"},
                                     Irregular{"medium", "media"},
                                     Irregular{"news", "news"},
                                     Irregular{"series", "series"},
                                     Irregular{"species", "species"},
                                     Irregular{"sheep", "sheep"},
                                     Irregular{"fish", "fish"},
                                     Irregular{"equipment", "equipment"},
                                     Irregular{"information", "information"},
                                     Irregular{"data", "data"}};

bool is_vowel(char letter) {
    return std::string_view("aeiou").find(letter) != std::string_view::npos;
}

std::string by_ending(std::string_view word) {
    const auto ends_in = [&](std::string_view ending) { return word.ends_with(ending); };
    if (ends_in("s") || ends_in("x") || ends_in("z") || ends_in("ch") || ends_in("sh"))
        return std::string(word) + "es";
    if (word.size() > 1 && ends_in("y") && !is_vowel(word[word.size() - 2]))
        return std::string(word.substr(0, word.size() - 1)) + "ies";
    return std::string(word) + "s";
}

} // namespace

PluralNames& PluralNames::irregular(std::string singular, std::string plural) {
    irregular_.emplace_back(std::move(singular), std::move(plural));
    return *this;
}

std::string PluralNames::plural_of(std::string_view word) const {
    const auto underscore = word.rfind('_');
    if (underscore != std::string_view::npos) { // the last word tells how many
        const auto whole = word.substr(0, underscore + 1);
        return std::string(whole) + plural_of(word.substr(underscore + 1));
    }
    for (auto own = irregular_.rbegin(); own != irregular_.rend(); ++own) {
        if (own->first == word) return own->second;
    }
    for (const auto& known : irregular_words) {
        if (known.singular == word) return std::string(known.plural);
    }
    return word.empty() ? std::string() : by_ending(word);
}

std::string PluralNames::operator()(std::string_view class_name) const {
    return plural_of(snake_case(class_name));
}

} // namespace mercator
