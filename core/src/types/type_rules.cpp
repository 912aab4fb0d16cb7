// SPDX-License-Identifier: MIT
#include <mercator/types/type_rules.hpp>

#include <mercator/support/error.hpp>

#include <algorithm>
#include <list>
#include <mutex>
#include <string>
#include <vector>

namespace mercator {
namespace {

struct KeptRules {
    std::mutex mutex;
    std::list<TypeRules> rules;
    std::list<std::string> texts;
    std::list<std::vector<TypeVariant>> variants;
};

KeptRules& kept_rules() {
    static auto* all = new KeptRules; // never destroyed: static models point to it
    return *all;
}

bool same_variants(const TypeRules& a, const TypeRules& b) {
    return std::equal(
        a.variants, a.variants + a.variant_count, b.variants, b.variants + b.variant_count,
        [](const auto& x, const auto& y) { return x.dialect == y.dialect && x.type == y.type; });
}

bool same_rules(const TypeRules& a, const TypeRules& b) {
    return a.labels.names == b.labels.names && a.labels.count == b.labels.count &&
           a.native == b.native && a.is_enum_type == b.is_enum_type &&
           a.is_cacheable == b.is_cacheable && a.by_dialect == b.by_dialect &&
           a.cpp_type == b.cpp_type && a.read_sql == b.read_sql && a.write_sql == b.write_sql &&
           a.conversion == b.conversion && same_variants(a, b);
}

std::string_view kept_text(KeptRules& all, std::string_view text) {
    return text.empty() ? std::string_view() : std::string_view(all.texts.emplace_back(text));
}

std::string_view either(std::string_view over, std::string_view base) {
    return over.empty() ? base : over;
}

} // namespace

const TypeRules* kept(const TypeRules& rules) {
    KeptRules& all = kept_rules();
    const std::lock_guard lock(all.mutex);
    const auto found = std::find_if(all.rules.begin(), all.rules.end(),
                                    [&](const auto& other) { return same_rules(rules, other); });
    if (found != all.rules.end()) return &*found;
    TypeRules& copy = all.rules.emplace_back(rules);
    copy.native = kept_text(all, rules.native);
    copy.read_sql = kept_text(all, rules.read_sql);
    copy.write_sql = kept_text(all, rules.write_sql);
    copy.cpp_type = kept_text(all, rules.cpp_type);
    if (rules.variant_count == 0) return &copy;
    auto& variants =
        all.variants.emplace_back(rules.variants, rules.variants + rules.variant_count);
    for (auto& variant : variants) variant.dialect = kept_text(all, variant.dialect);
    copy.variants = variants.data();
    return &copy;
}

const TypeRules* merged(const TypeRules* base, const TypeRules* over) {
    if (base == nullptr || base == over) return over;
    if (over == nullptr) return base;
    TypeRules both = *over;
    if (both.labels.names == nullptr) both.labels = base->labels;
    if (both.native.empty()) {
        both.native = base->native;
        both.is_enum_type = base->is_enum_type;
    }
    both.is_cacheable = over->is_cacheable && base->is_cacheable;
    both.by_dialect = over->by_dialect || base->by_dialect;
    both.cpp_type = either(over->cpp_type, base->cpp_type);
    both.read_sql = either(over->read_sql, base->read_sql);
    both.write_sql = either(over->write_sql, base->write_sql);
    if (both.conversion == nullptr) both.conversion = base->conversion;
    if (both.variant_count == 0) {
        both.variants = base->variants;
        both.variant_count = base->variant_count;
    }
    return kept(both);
}

SqlType SqlType::with_variant(std::string_view dialect, SqlType other) const {
    TypeRules extended = rules == nullptr ? TypeRules() : *rules;
    std::vector<TypeVariant> all;
    for (std::uint32_t i = 0; i < extended.variant_count; ++i) {
        if (extended.variants[i].dialect != dialect) all.push_back(extended.variants[i]);
    }
    all.push_back({dialect, other});
    extended.variants = all.data();
    extended.variant_count = static_cast<std::uint32_t>(all.size());
    SqlType type = *this;
    type.rules = kept(extended);
    return type;
}

SqlType SqlType::on(std::string_view dialect) const noexcept {
    if (rules == nullptr) return *this;
    for (std::uint32_t i = 0; i < rules->variant_count; ++i) {
        if (rules->variants[i].dialect != dialect) continue;
        SqlType type = rules->variants[i].type;
        type.sensitive = sensitive;
        if (type.kind == TypeKind::Enum && labels_of(type) == nullptr) type.rules = rules;
        return type;
    }
    return *this;
}

SqlType native_type(std::string_view name, SqlType storage) {
    if (name.empty()) throw ArgumentError("a native type needs a name", "native_type");
    TypeRules rules;
    rules.native = name;
    storage.rules = merged(storage.rules, kept(rules));
    return storage;
}

SqlType NativeEnum(std::string_view name) {
    if (name.empty()) throw ArgumentError("a native enum type needs a name", "NativeEnum");
    TypeRules rules;
    rules.native = name;
    rules.is_enum_type = true;
    SqlType type(TypeKind::Enum);
    type.rules = kept(rules);
    return type;
}

} // namespace mercator
