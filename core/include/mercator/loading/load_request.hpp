// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/field.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace mercator {

/// What becomes of the same lazy statement sent again and again for the objects of one result (the
/// "N+1" pattern, which `Lazy::select` allows).
enum class NPlusOne : std::uint8_t {
    ignore,
    log,  ///< reported once through the log: relationship, count, place of the query, way out
    raise ///< NPlusOneError, for continuous integration
};

/// How a session loads what nothing else decides.
struct LoadSettings {
    /// For relationships that are mapped without a strategy.
    Lazy lazy = Lazy::batch;
    /// Owners per statement of selectin and batch loading; the backend's limit of parameters holds
    /// as well.
    std::uint32_t batch_size = 500;
    NPlusOne n_plus_one = NPlusOne::log;
    /// The so manieth equal lazy statement for one result is the pattern.
    std::uint32_t n_plus_one_threshold = 3;
};

/// The way by which loading came to a class: from the query's own objects along relationships. On
/// the stack of the loaders.
struct LoadPath {
    const Relationship* relationship = nullptr;
    const LoadPath* before = nullptr; ///< nullptr at the first step
    /// How often the way has gone along this relationship.
    [[nodiscard]] std::uint32_t count(const Relationship& step) const noexcept;
};

/// What a row of related objects says besides its object: whose it is.
struct RowTag {
    /// Columns of the statement; those that it does not select yet are selected as well.
    std::vector<ast::ExpressionPtr> columns;
    std::vector<Field> fields;  ///< where each of them goes ...
    std::byte* place = nullptr; ///< ... in this object, which no graph knows
    /// Called after each row, with the row's object.
    std::function<void(InstanceState& object)> row;
};

/// What a load is for, besides its statement.
struct LoadRequest {
    const Mapper* mapper = nullptr;
    bool read_only = false; ///< objects without a snapshot
    /// Objects that are in memory take over the row's values, unless they were changed.
    bool populate_existing = false;
    std::shared_ptr<const LoadNode> options = {}; ///< may be empty
    CodePlace place = {};                         ///< of the user's query
    const LoadPath* path = nullptr;               ///< nullptr for the query's own objects
    const RowTag* tag = nullptr;                  ///< nullptr where nobody asks
};

/// How one relationship of loaded objects is loaded.
struct LoadStep {
    const Relationship* relationship = nullptr;
    const LoadBranch* branch = nullptr; ///< what the options say of it, or nullptr
    Lazy lazy = Lazy::batch;
    std::optional<bool> split = {}; ///< see LoadNode

    /// The class of the related objects that are meant.
    [[nodiscard]] const Mapper& target() const noexcept {
        return branch != nullptr && branch->only != nullptr ? *branch->only : *relationship->target;
    }
    /// What the options say of the related objects; may be empty.
    [[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode> next() const;
};

/// What is decided about a relationship: by the query's options, else by the mapping, else by the
/// session.
[[nodiscard]] MERCATOR_API LoadStep decided_step(const LoadSettings& settings,
                                                 const LoadNode* options,
                                                 const Relationship& relationship) noexcept;

} // namespace mercator
