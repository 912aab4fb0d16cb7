// SPDX-License-Identifier: MIT
// Columns that a class has from another description: a mixin's, and those of embedded structs.
#include <mercator/mapping/mapper_builder.hpp>

#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/version_rule.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mercator {

ColumnProperty& MapperBuilder::copy_column(const Mapper& from, const ColumnProperty& theirs,
                                           std::uint32_t base_offset, std::string_view member,
                                           std::string_view prefix) {
    Field field = theirs.field;
    field.offset += base_offset;
    const std::string name =
        member.empty() ? theirs.member : fmt::format("{}.{}", member, theirs.member);
    ColumnProperty& ours = add_column(name, field, theirs.accessor);
    ours.size = theirs.size;
    ours.alignment = theirs.alignment;
    ours.is_unset = theirs.is_unset;
    ours.make_unset = theirs.make_unset;
    ours.apply_default = theirs.apply_default;
    ours.apply_on_update = theirs.apply_on_update;
    ours.server_default = theirs.server_default;
    ours.computed = theirs.computed;
    mapper_.computed_columns_ = mapper_.computed_columns_ || theirs.computed;
    make_deferrable(ours, theirs.link_offset);
    make_attribute(ours, theirs.attribute_offset);
    ours.deferred = theirs.deferred;
    ours.deferred_raise = theirs.deferred_raise;
    ours.deferred_group = theirs.deferred_group;
    ours.target = theirs.target;
    ours.target_offset = theirs.target_offset;
    ours.target_text = theirs.target_text;
    ours.put_into_form = theirs.put_into_form;
    ours.validate = theirs.validate;
    ours.shown = theirs.shown;
    ours.read_only = theirs.read_only;
    Column& column = column_of(ours);
    column = from.table().columns[theirs.column];
    rename_column(ours, std::string(prefix) + column.name);
    return ours;
}

/// What else is said of the columns that were copied, which begin at `first_column`.
void MapperBuilder::copy_names(const Mapper& from, std::size_t first_column,
                               std::uint32_t base_offset, std::string_view member,
                               std::string_view prefix) {
    for (const auto& synonym : from.synonyms()) {
        mapper_.synonyms_.push_back({std::string(prefix) + synonym.name,
                                     static_cast<std::uint16_t>(first_column + synonym.column)});
    }
    for (Mapper::Embedded part : from.embedded()) {
        if (!member.empty()) part.member = fmt::format("{}.{}", member, part.member);
        part.where = fmt::format("{}.{}", mapper_.class_name(), part.member);
        part.offset += base_offset;
        for (auto& column : part.columns)
            column = static_cast<std::uint16_t>(first_column + column);
        mapper_.embedded_.push_back(std::move(part));
    }
    if (from.version() != nullptr && mapper_.version_ == nullptr) {
        VersionRule rule = *from.version();
        rule.column = static_cast<std::uint16_t>(first_column + rule.column);
        mapper_.version_ = std::make_shared<const VersionRule>(std::move(rule));
    }
    mapper_.looks_at_values_ = mapper_.looks_at_values_ || from.looks_at_values();
    mapper_.read_only_columns_ = mapper_.read_only_columns_ || from.has_read_only_columns();
}

void MapperBuilder::include(const ObjectType& mixin_type, void (*describe)(Mapper&),
                            std::uint32_t base_offset) {
    Mapper mixin(mixin_type);
    describe(mixin);
    const std::size_t first = mapper_.columns_.size();
    for (const auto& theirs : mixin.columns())
        copy_column(mixin, theirs, base_offset, {}, {}).included = true;
    copy_names(mixin, first, base_offset, {}, {});
    copy_table_parts(mixin, base_offset);
    for (ExpressionProperty theirs : mixin.expressions()) {
        theirs.field.offset += base_offset;
        theirs.where = fmt::format("{}.{}", mapper_.class_name(), theirs.member);
        mapper_.expressions_.push_back(std::move(theirs));
    }
}

namespace {

[[noreturn]] void refuse_part(const std::string& where, std::string_view why) {
    throw MappingError(fmt::format("{} {}", where, why), where);
}

/// What belongs to a table cannot be said of a struct that is part of several.
void check_part(const Mapper& part, const std::string& where) {
    const Table& table = part.table();
    if (part.columns().empty())
        refuse_part(where, "is embedded, and its describe function maps no column");
    if (!part.relationships().empty() || !part.expressions().empty() || part.version() != nullptr ||
        !table.checks.empty() || !table.uniques.empty() || !table.indexes.empty()) {
        refuse_part(where, "is embedded, so its describe function can name columns alone; "
                           "describe relationships, constraints and the like in the class that "
                           "holds it");
    }
    for (const auto& column : table.columns) {
        if (column.is_primary_key)
            refuse_part(where,
                        "is embedded and has a primary key; a part of a row has no identity");
    }
}

} // namespace

void MapperBuilder::embed(const char* function, std::uint32_t offset, const ObjectType& part_type,
                          void (*describe)(Mapper&), const std::string* prefix) {
    Mapper::Embedded embedded;
    embedded.member = std::string(member_name_in(function));
    embedded.where = fmt::format("{}.{}", mapper_.class_name(), embedded.member);
    embedded.offset = offset;
    const std::string before = prefix == nullptr ? embedded.member + '_' : *prefix;
    Mapper part(part_type);
    describe(part);
    check_part(part, embedded.where);
    const std::size_t first = mapper_.columns_.size();
    for (const auto& theirs : part.columns()) {
        const std::string name = before + part.table().columns[theirs.column].name;
        if (const Column* other = mapper_.table_->find_column(name)) {
            refuse_part(embedded.where,
                        fmt::format("is embedded with the prefix '{}', which gives a second column "
                                    "{}; give it another prefix, as in embed<&{}::{}>(\"{}_\")",
                                    before, other->name, mapper_.class_name(), embedded.member,
                                    embedded.member));
        }
        embedded.columns.push_back(static_cast<std::uint16_t>(mapper_.columns_.size()));
        copy_column(part, theirs, offset, embedded.member, before);
    }
    copy_names(part, first, offset, embedded.member, before);
    mapper_.embedded_.push_back(std::move(embedded));
}

} // namespace mercator
