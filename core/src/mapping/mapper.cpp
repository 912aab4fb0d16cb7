// SPDX-License-Identifier: MIT
#include <mercator/mapping/mapper.hpp>

#include "hierarchy_configuration.hpp"
#include "mapper_configuration.hpp"
#include "mapper_events.hpp"

#include <mercator/mapping/introspection.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <unordered_map>

namespace mercator {

namespace {

std::recursive_mutex& mapping_mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

} // namespace

std::string snake_case(std::string_view name) {
    std::string out;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool upper = std::isupper(at(i)) != 0;
        const bool after_lower =
            i > 0 && (std::islower(at(i - 1)) != 0 || std::isdigit(at(i - 1)) != 0);
        const bool ends_acronym = i > 0 && std::isupper(at(i - 1)) != 0 && i + 1 < name.size() &&
                                  std::islower(at(i + 1)) != 0;
        if (upper && (after_lower || ends_acronym)) out += '_';
        out += static_cast<char>(std::tolower(at(i)));
    }
    return out;
}

Mapper::Mapper(const ObjectType& object_type) :
    object_type_(object_type),
    id_(0),
    table_(new_table()) {
    descendants_.store(&descendant_lists_.emplace_back(std::vector<const Mapper*>{this}),
                       std::memory_order_release);
}

std::shared_ptr<Table> Mapper::new_table() const {
    return std::make_shared<Table>(object_type_.table_name == nullptr ? std::string()
                                                                      : object_type_.table_name());
}

Mapper::~Mapper() = default;

namespace {

using MapperRegistry = std::unordered_map<std::type_index, std::unique_ptr<Mapper>>;

MapperRegistry& mapper_registry() {
    static MapperRegistry mappers;
    return mappers;
}

/// Of the registry alone, and the last that is taken. Each class asks for its mapper while it sets
/// up a static variable, for which others may wait that hold the lock of all mappers.
std::mutex& registry_mutex() {
    static std::mutex mutex;
    return mutex;
}

} // namespace

const Mapper* mapper_of_table(const ast::TableRef& table) {
    const std::lock_guard lock(mapping_mutex());
    const std::lock_guard registry_lock(registry_mutex());
    const Mapper* by_name = nullptr;
    for (const auto& [type, mapper] : mapper_registry()) {
        if (mapper->inheritance() == Inheritance::Single) continue; // the base's table
        if (mapper->table_ref().get() == &table) return mapper.get();
        if (mapper->is_configured() && mapper->table().name == table.name) by_name = mapper.get();
    }
    return by_name;
}

std::vector<const Mapper*> mapped_classes() {
    const std::lock_guard lock(registry_mutex());
    std::vector<const Mapper*> list;
    for (const auto& [type, mapper] : mapper_registry()) list.push_back(mapper.get());
    std::sort(list.begin(), list.end(), [](const Mapper* a, const Mapper* b) {
        return a->object_type().full_name < b->object_type().full_name;
    });
    return list;
}

Mapper& registered_mapper(const ObjectType& object_type) {
    const std::lock_guard lock(registry_mutex());
    auto& mappers = mapper_registry();
    auto& slot = mappers[object_type.type];
    if (!slot) {
        slot = std::make_unique<Mapper>(object_type);
        MapperConfiguration::number(*slot, static_cast<std::uint32_t>(mappers.size() - 1));
    }
    return *slot;
}

namespace {

/// Steps from one word to the other: letters added, left out or replaced (Levenshtein).
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

[[noreturn]] void throw_unknown_class(std::string_view name, const std::string& where) {
    std::vector<std::string_view> known;
    for (const auto& [type, mapper] : mapper_registry())
        known.push_back(mapper->object_type().full_name);
    std::sort(known.begin(), known.end());
    const auto nearest =
        std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
            return distance(a, name) < distance(b, name);
        });
    const std::size_t length = name.size() - (name.rfind(':') + 1); // without its namespaces
    const bool is_near = nearest != known.end() && distance(*nearest, name) <= 1 + length / 3;
    throw MappingError(
        fmt::format("{} refers to the class {}, which is declared here and not known{}; call "
                    "mercator::declare<{}>() where it is defined, before the database is set up "
                    "(known are {})",
                    where, name, is_near ? fmt::format(" (did you mean {}?)", *nearest) : "", name,
                    fmt::join(known, ", ")),
        where);
}

} // namespace

Mapper& mapper_by_name(std::string_view full_name, const std::string& where) {
    const std::lock_guard lock(registry_mutex());
    for (const auto& [type, mapper] : mapper_registry()) {
        if (mapper->object_type().full_name == full_name) return *mapper;
    }
    throw_unknown_class(full_name, where);
}

const ColumnProperty& Mapper::column_at(std::uint32_t offset) const {
    if (is_configured()) {
        for (std::size_t i = 0; i < offsets_.size(); ++i) {
            if (offsets_[i] == offset) return columns_[i];
        }
    }
    for (const auto& property : columns_) {
        if (property.member_place() == offset) return property;
    }
    throw MappingError(fmt::format("{} has no column at the member used in this expression; add "
                                   "mapping.column<&{}::member>() to its describe function",
                                   class_name(), class_name()),
                       std::string(class_name()));
}

const ColumnProperty* Mapper::find_column(std::string_view name) const noexcept {
    for (const auto& property : columns_) {
        if (property.member == name || property.in_schema().name == name) return &property;
    }
    for (const auto& synonym : synonyms_) {
        if (synonym.name == name) return &columns_[synonym.column];
    }
    return nullptr;
}

const Mapper::Embedded& Mapper::embedded_at(std::uint32_t offset) const {
    for (const auto& part : embedded_) {
        if (part.offset == offset) return part;
    }
    throw MappingError(
        fmt::format("{} embeds no struct at the member used in this expression; add "
                    "mapping.embed<&{}::member>(\"prefix_\") to its describe function",
                    class_name(), class_name()),
        std::string(class_name()));
}

const Relationship& Mapper::relationship_at(std::uint32_t offset) const {
    for (const auto& relationship : relationships_) {
        if (relationship.offset == offset) return relationship;
    }
    throw MappingError(
        fmt::format("{} has no relationship at the member used here; add "
                    "mapping.relationship<&{}::member>() "
                    "to its describe function, or a backref<...>() on the other side",
                    class_name(), class_name()),
        std::string(class_name()));
}

const Relationship* Mapper::find_relationship(std::string_view member) const noexcept {
    for (const auto& relationship : relationships_) {
        if (relationship.member == member) return &relationship;
    }
    return nullptr;
}

const Relationship& Mapper::external_relationship(std::string_view name) const {
    std::string known;
    for (const Mapper* base = base_; base != nullptr; base = base->base_) {
        for (const auto& relationship : base->external_) {
            if (relationship.member == name) return relationship;
        }
    }
    for (const auto& relationship : external_) {
        if (relationship.member == name) return relationship;
        known += (known.empty() ? "" : ", ") + relationship.member;
    }
    throw MappingError(
        fmt::format("{} has no relationship side called {}; {}", class_name(), name,
                    known.empty() ? "add .backref(\"name\") to the relationship of the other class"
                                  : "it has " + known),
        std::string(class_name()));
}

MappingError Mapper::in_terms_of_class(const MappingError& error) const {
    if (error.where().starts_with(class_name())) return error;
    for (const auto& property : columns_) {
        const std::string& column = property.in_schema().name;
        if (error.where() == column ||
            error.where() == fmt::format("{}.{}", table_->name, column)) {
            return MappingError(error.what(), property.where);
        }
    }
    return MappingError(error.what(), std::string(class_name()));
}

void Mapper::run_declaration(void (*describe)(Mapper&)) {
    const std::lock_guard lock(mapping_mutex());
    // Running on this thread: describe itself asks for its own columns, as a check constraint does.
    if (declaration_.load(std::memory_order_relaxed) != Declaration::None) return;
    declaration_.store(Declaration::Running, std::memory_order_relaxed);
    const auto forget = [this] {
        table_ = new_table();
        table_ref_ = nullptr;
        columns_.clear();
        relationships_ = {};
        own_relationships_.clear();
        deferrable_columns_.clear();
        attribute_columns_.clear();
        composite_keys_.clear();
        forget_hierarchy();
        synonyms_.clear();
        embedded_.clear();
        registry_ = nullptr;
        is_named_ = read_only_ = looks_at_values_ = read_only_columns_ = false;
        key_is_whole_ = false;
        declaration_.store(Declaration::None, std::memory_order_release);
    };
    try {
        describe(*this);
        HierarchyConfiguration::end(*this);
    } catch (const MappingError& error) {
        const MappingError told = in_terms_of_class(error);
        forget();
        throw told;
    } catch (...) {
        forget();
        throw;
    }
    declaration_.store(Declaration::Done, std::memory_order_release);
    tell_class_registered(*this);
}

/// As if nothing had been described.
void Mapper::forget_hierarchy() {
    base_ = nullptr;
    root_ = identity_root_ = this;
    inheritance_ = Inheritance::None;
    parts_.clear();
    first_own_column_ = 0;
    identity_ = {};
    abstract_ = without_table_ = concrete_ = fallback_ = false;
    polymorphic_load_.reset();
    discriminator_offset_.reset();
    discriminator_expression_ = nullptr;
    key_names_.clear();
    key_rules_ = {};
    required_columns_.clear();
}

const Mapper* Mapper::mapper_of_identity(const Value& identity) const noexcept {
    for (const Mapper* mapper : root_->descendants()) {
        if (!mapper->identity_.is_null() && mapper->identity_ == identity) return mapper;
    }
    return nullptr;
}

std::size_t Mapper::part_of(std::size_t column) const noexcept {
    std::size_t part = 0;
    while (part + 1 < parts_.size() && column >= parts_[part].end_column) ++part;
    return part;
}

std::size_t Mapper::part_of(const ColumnProperty& property) const noexcept {
    std::size_t part = 0;
    while (part + 1 < parts_.size() && parts_[part].table.get() != property.table) ++part;
    return part;
}

std::optional<std::uint16_t> Mapper::column_in(const Table& table,
                                               std::string_view column) const noexcept {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].table == &table && columns_[i].in_schema().name == column)
            return static_cast<std::uint16_t>(i);
    }
    for (const auto& part : parts_) {
        if (part.table.get() != &table) continue;
        const auto key = std::find(part.key_names.begin(), part.key_names.end(), column);
        if (key == part.key_names.end()) continue;
        auto place = key - part.key_names.begin();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (columns_[i].in_schema().is_primary_key && place-- == 0)
                return static_cast<std::uint16_t>(i);
        }
    }
    return std::nullopt;
}

Mapper::ColumnPlace Mapper::place_of(const ColumnProperty& property) const {
    const auto own = [&] { return ColumnPlace{property.table, &property.in_schema()}; };
    if (inheritance_ != Inheritance::Joined || !property.in_schema().is_primary_key) return own();
    std::size_t place = 0;
    for (const auto& other : columns_) {
        if (&other == &property) break;
        if (other.in_schema().is_primary_key) ++place;
    }
    return {table_.get(), &table_->column(key_names_[place])};
}

std::optional<PolymorphicLoad> Mapper::polymorphic_load() const noexcept {
    if (polymorphic_load_ || base_ == nullptr) return polymorphic_load_;
    return base_->polymorphic_load();
}

void Mapper::configure() {
    configure_together({this});
}

void Mapper::configure_together(const std::vector<Mapper*>& mappers) {
    std::vector<Mapper*> configured;
    {
        const std::lock_guard lock(mapping_mutex());
        MapperConfiguration configuration(mappers);
        configuration.run();
        configured = configuration.configured();
    }
    for (Mapper* mapper : configured) tell_mapper_configured(*mapper);
}

} // namespace mercator
