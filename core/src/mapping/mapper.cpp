// SPDX-License-Identifier: MIT
#include <mercator/mapping/mapper.hpp>

#include "mapper_configuration.hpp"

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
    table_(new_table()) {}

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

} // namespace

const Mapper* mapper_of_table(const ast::TableRef& table) {
    const std::lock_guard lock(mapping_mutex());
    const Mapper* by_name = nullptr;
    for (const auto& [type, mapper] : mapper_registry()) {
        if (mapper->table_ref().get() == &table) return mapper.get();
        if (mapper->is_configured() && mapper->table().name == table.name) by_name = mapper.get();
    }
    return by_name;
}

Mapper& registered_mapper(const ObjectType& object_type) {
    const std::lock_guard lock(mapping_mutex());
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
    const std::lock_guard lock(mapping_mutex());
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
        if (property.member == name || table_->columns[property.column].name == name)
            return &property;
    }
    return nullptr;
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
        const std::string& column = table_->columns[property.column].name;
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
        relationships_.clear();
        composite_keys_.clear();
        key_is_whole_ = false;
        declaration_.store(Declaration::None, std::memory_order_release);
    };
    try {
        describe(*this);
    } catch (const MappingError& error) {
        const MappingError told = in_terms_of_class(error);
        forget();
        throw told;
    } catch (...) {
        forget();
        throw;
    }
    declaration_.store(Declaration::Done, std::memory_order_release);
}

void Mapper::configure() {
    configure_together({this});
}

void Mapper::configure_together(const std::vector<Mapper*>& mappers) {
    const std::lock_guard lock(mapping_mutex());
    MapperConfiguration(mappers).run();
}

} // namespace mercator
