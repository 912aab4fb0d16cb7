// SPDX-License-Identifier: MIT
#include "polymorphic_rows.hpp"

#include "class_tables.hpp"
#include "key_list.hpp"
#include "known_by_key.hpp"
#include "related_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

std::string key_text(const Mapper& mapper, const std::vector<Value>& key) {
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto& property = mapper.columns()[mapper.primary_key()[i]];
        text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", property.member,
                            property.field.type.sensitive ? "***" : display(key[i]));
    }
    return text;
}

} // namespace

void refuse_other_class(const InstanceState& known, const Mapper& now) {
    const Mapper& mapper = *known.mapper;
    std::vector<Value> key;
    for (const auto column : mapper.primary_key())
        key.push_back(load(mapper.columns()[column].field, known.object()));
    throw_data_error(
        fmt::format("the {} with {} is in memory, and its row says now that it is of {}; expunge "
                    "the object and read it again",
                    mapper.class_name(), key_text(mapper, key), now.class_name()),
        std::string(now.class_name()));
}

PolymorphicRows::PolymorphicRows(LoadContext& context, const PolymorphicPlan& plan, bool read_only,
                                 bool overwrites) :
    context_(context),
    plan_(plan),
    read_only_(read_only),
    overwrites_(overwrites),
    key_(plan.key.size()) {
    for (std::size_t i = 0; i < plan.key.size(); ++i) {
        const auto& property = plan.mapper->columns()[plan.mapper->primary_key()[i]];
        key_plan_.steps.push_back(
            {plan.key[i], 0,
             result_field<Value>(*property.ref, static_cast<std::uint32_t>(i * sizeof(Value)),
                                 property.where)});
    }
}

DecodeStep PolymorphicRows::step(const PolymorphicPlan& plan, std::uint16_t target) {
    // A Value takes whatever the column holds, so that what is wrong with it can be told.
    return {plan.discriminator, target,
            result_field<Value>(*plan.mapper->discriminator_node(), 0, plan.mapper->class_name())};
}

const PolymorphicPlan::Kind* PolymorphicRows::known_kind() const {
    const Mapper& mapper = *plan_.mapper;
    const Mapper* real =
        discriminator_.is_null() ? nullptr : mapper.mapper_of_identity(discriminator_);
    if (real == nullptr && mapper.falls_back_to_base()) real = &mapper;
    return real == nullptr ? nullptr : plan_.find(*real);
}

const PolymorphicPlan::Kind& PolymorphicRows::kind_of(DriverStatement& statement) {
    if (last_kind_ != nullptr && discriminator_ == last_) return *last_kind_;
    const PolymorphicPlan::Kind* kind = known_kind();
    if (kind == nullptr) refuse(statement);
    last_ = discriminator_;
    last_kind_ = kind;
    last_assembler_ = kind->later ? nullptr : &assembler_of(*kind);
    return *kind;
}

EntityAssembler& PolymorphicRows::assembler_of(const PolymorphicPlan::Kind& kind) {
    auto& assembler = assemblers_[kind.mapper];
    if (assembler == nullptr) {
        assembler =
            std::make_unique<EntityAssembler>(context_, *kind.mapper, *kind.own, read_only_);
        if (overwrites_) assembler->overwrite_known();
    }
    return *assembler;
}

const std::vector<Value>& PolymorphicRows::key_of(DriverStatement& statement) {
    auto* place = reinterpret_cast<std::byte*>(key_.data());
    statement.fetch_again(key_plan_, &place);
    return key_;
}

void PolymorphicRows::refuse(DriverStatement& statement) {
    const Mapper& mapper = *plan_.mapper;
    const std::string row = key_text(mapper, key_of(statement));
    std::vector<std::string> known;
    for (const auto& kind : plan_.kinds) {
        known.push_back(
            fmt::format("{} ({})", display(kind.mapper->identity()), kind.mapper->class_name()));
    }
    const std::string what = discriminator_.is_null() ? "NULL" : display(discriminator_);
    throw_data_error(
        fmt::format("the row with {} of {} says that it is {}, which no class known here has as "
                    "its identity; known are {}; name the missing class when the database is set "
                    "up, or read such rows as the base with unknown_identity_as_base()",
                    row, mapper.class_name(), what, fmt::join(known, ", ")),
        std::string(mapper.class_name()));
}

PolymorphicRows::Row PolymorphicRows::take(DriverStatement& statement) {
    const PolymorphicPlan::Kind& kind = kind_of(statement);
    if (kind.later) return leave_for_later(kind, statement);
    EntityAssembler& assembler = *last_assembler_;
    InstanceState& fresh = assembler.begin();
    std::byte* target = fresh.object();
    try {
        statement.fetch_again(kind.decode, &target);
    } catch (...) {
        assembler.discard(fresh);
        throw;
    }
    InstanceState& state = assembler.settle(fresh);
    const bool is_new = &state == &fresh;
    if (!is_new) assembler.discard(fresh);
    return {&state, is_new, Row::nowhere};
}

PolymorphicRows::Row PolymorphicRows::leave_for_later(const PolymorphicPlan::Kind& kind,
                                                      DriverStatement& statement) {
    const auto& key = key_of(statement);
    IdentityKey identity;
    identity_of(*kind.mapper, key, identity);
    if (!overwrites_) {
        InstanceState* known = known_by_key(context_, *kind.mapper, identity, read_only_);
        if (known != nullptr && known->mapper == kind.mapper) return {known, false, Row::nowhere};
    }
    std::string packed;
    pack_key(key, packed);
    const auto [place, added] = places_.try_emplace(std::move(packed), pending_.size());
    InstanceState* before = context_.graph()->identities(*kind.mapper).find(identity);
    if (added) pending_.push_back({&kind, std::move(identity), key});
    return {nullptr, before == nullptr, place->second};
}

void PolymorphicRows::read_chunk(const PolymorphicPlan::Kind& kind,
                                 std::span<const std::vector<Value>* const> keys) {
    ast::Select select;
    select.columns = kind.own->columns;
    read_tables(select, *kind.mapper);
    std::vector<ast::ExpressionPtr> columns;
    for (const auto key : kind.mapper->primary_key())
        columns.push_back(kind.mapper->columns()[key].ref);
    select.where.push_back(among(columns, keys));
    EntityAssembler& assembler = assembler_of(kind);
    const StatementLease statement = context_.run(select);
    while (assembler.next(*statement) != nullptr) {
    }
}

void PolymorphicRows::read_kind(const PolymorphicPlan::Kind& kind) {
    std::vector<const std::vector<Value>*> keys;
    for (const Pending& pending : pending_) {
        if (pending.kind == &kind) keys.push_back(&pending.key);
    }
    if (keys.empty()) return;
    const std::size_t width = kind.mapper->primary_key().size();
    const std::size_t chunk = keys_that_fit(
        width > 1 ? std::min<std::size_t>(context_.load_settings().batch_size, most_composite_keys)
                  : context_.load_settings().batch_size,
        width, context_.engine().capabilities().max_binds);
    const std::span<const std::vector<Value>* const> all(keys);
    for (std::size_t first = 0; first < all.size(); first += chunk)
        read_chunk(kind, all.subspan(first, std::min(chunk, all.size() - first)));
}

void PolymorphicRows::read_later() {
    for (const auto& kind : plan_.kinds) {
        if (kind.later) read_kind(kind);
    }
}

InstanceState* PolymorphicRows::found(std::size_t later) {
    const Pending& pending = pending_[later];
    return context_.graph()->identities(*pending.kind->mapper).find(pending.identity);
}

} // namespace mercator
