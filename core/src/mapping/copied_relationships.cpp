// SPDX-License-Identifier: MIT
// What a class has from a mixin besides columns: relationships, constraints, indexes, criteria.
#include <mercator/mapping/mapper_builder.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace mercator {
namespace {

[[noreturn]] void refuse(const Relationship& relationship, std::string_view why) {
    throw MappingError(fmt::format("{} is described by a mixin, {}", relationship.where, why),
                       relationship.where);
}

/// What leads back leads to one class, and a mixin is part of several.
void check_one_way(const Relationship& theirs) {
    if (theirs.has_back_populates || theirs.backref != nullptr || !theirs.backref_name.empty()) {
        refuse(theirs, "which several classes may include, so it can have no other side; leave "
                       "back_populates and backref out, or describe it in the class");
    }
    if (theirs.primaryjoin || theirs.secondaryjoin) {
        refuse(theirs, "whose columns have no table of their own, so it cannot have a join "
                       "condition of its own; describe it in the class");
    }
}

void shift(std::vector<std::uint32_t>& offsets, std::uint32_t by) {
    for (auto& offset : offsets) offset += by;
}

} // namespace

void MapperBuilder::copy_relationship(const Relationship& theirs, std::uint32_t base_offset) {
    check_one_way(theirs);
    Relationship& ours = add_relationship(theirs.member, theirs.offset + base_offset,
                                          theirs.is_collection, theirs.target_of);
    const std::string where = ours.where;
    const std::uint16_t index = ours.index;
    ours = theirs;
    ours.where = where;
    ours.index = index;
    ours.owner = &mapper_;
    ours.offset += base_offset;
    // The key's members are ours where it is on our side; the others belong to the target.
    if (!ours.foreign_key_on_target) shift(ours.foreign_key_offsets, base_offset);
    for (auto& discriminator : ours.discriminators) {
        if (discriminator.on_owner) discriminator.offset += base_offset;
    }
    if (ours.through) ours.through->first_offset += base_offset;
    if (ours.validate) {
        ours.validate = [validate = theirs.validate, base_offset](const void* owner,
                                                                  const void* target) {
            validate(static_cast<const std::byte*>(owner) + base_offset, target);
        };
    }
}

void MapperBuilder::copy_table_parts(const Mapper& mixin, std::uint32_t base_offset) {
    for (const auto& theirs : mixin.relationships()) copy_relationship(theirs, base_offset);
    const Table& from = mixin.table();
    Table& to = *mapper_.table_;
    to.checks.insert(to.checks.end(), from.checks.begin(), from.checks.end());
    to.uniques.insert(to.uniques.end(), from.uniques.begin(), from.uniques.end());
    to.indexes.insert(to.indexes.end(), from.indexes.begin(), from.indexes.end());
    mapper_.criteria_.insert(mapper_.criteria_.end(), mixin.criteria().begin(),
                             mixin.criteria().end());
    for (const auto& key : mixin.composite_keys_) mapper_.composite_keys_.push_back(key);
}

void MapperBuilder::add_criterion(ast::ExpressionPtr condition) {
    mapper_.criteria_.push_back(std::move(condition));
}

} // namespace mercator
