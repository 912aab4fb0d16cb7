// SPDX-License-Identifier: MIT
#pragma once

#include "entity_assembler.hpp"
#include "polymorphic_plan.hpp"

#include <mercator/loading/load_context.hpp>
#include <mercator/state/identity_key.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mercator {

/// Puts rows of several classes into the graph, each as what it is. Of classes that a row does not
/// hold whole, only the key is taken; one statement for each such class reads them all afterwards,
/// so that no object is ever there in part.
class PolymorphicRows {
public:
    /// What became of a row: an object, or a place among those that are read later.
    struct Row {
        static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
        InstanceState* state = nullptr;
        bool is_new = false;
        std::size_t later = nowhere;
    };

    PolymorphicRows(LoadContext& context, const PolymorphicPlan& plan, bool read_only,
                    bool overwrites);
    PolymorphicRows(const PolymorphicRows&) = delete;
    PolymorphicRows& operator=(const PolymorphicRows&) = delete;

    /// Where the row's discriminator goes, which a `fetch` has to decode before `take`.
    [[nodiscard]] std::byte* place() noexcept {
        return reinterpret_cast<std::byte*>(&discriminator_);
    }
    /// The step of a decode plan that does it.
    [[nodiscard]] static DecodeStep step(const PolymorphicPlan& plan, std::uint16_t target);

    /// The current row. DataError that names it when nothing is known of its discriminator.
    [[nodiscard]] Row take(DriverStatement& statement);

    /// Reads what was left for later; the statement must be free by now.
    void read_later();
    /// The object of such a row; nullptr when its row is gone by now.
    [[nodiscard]] InstanceState* found(std::size_t later);

private:
    struct Pending {
        const PolymorphicPlan::Kind* kind;
        IdentityKey identity;
        std::vector<Value> key;
    };

    [[nodiscard]] const PolymorphicPlan::Kind& kind_of(DriverStatement& statement);
    [[nodiscard]] const PolymorphicPlan::Kind* known_kind() const;
    [[noreturn]] void refuse(DriverStatement& statement);
    [[nodiscard]] EntityAssembler& assembler_of(const PolymorphicPlan::Kind& kind);
    [[nodiscard]] const std::vector<Value>& key_of(DriverStatement& statement);
    [[nodiscard]] Row leave_for_later(const PolymorphicPlan::Kind& kind,
                                      DriverStatement& statement);
    void read_chunk(const PolymorphicPlan::Kind& kind, std::span<const std::vector<Value>* const>);
    void read_kind(const PolymorphicPlan::Kind& kind);

    LoadContext& context_;
    const PolymorphicPlan& plan_;
    bool read_only_;
    bool overwrites_;
    Value discriminator_;
    Value last_; ///< the one that `last_kind_` has
    const PolymorphicPlan::Kind* last_kind_ = nullptr;
    std::unordered_map<const Mapper*, std::unique_ptr<EntityAssembler>> assemblers_;
    EntityAssembler* last_assembler_ = nullptr; ///< of `last_kind_`
    DecodePlan key_plan_;
    std::vector<Value> key_;
    std::vector<Pending> pending_;
    std::unordered_map<std::string, std::size_t> places_; ///< by packed key, in `pending_`
};

} // namespace mercator
