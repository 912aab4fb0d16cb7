// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_request.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/slab.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

/// Finds out from each row of related objects whose it is.
class OwnerTag {
public:
    /// Told of each row: the owner's packed key, and the row's object.
    using Row = std::function<void(const std::string& key, InstanceState& object)>;

    /// `key` are columns of the owner, `columns` those of the statement with their values.
    OwnerTag(const Mapper& owner, const std::vector<std::uint16_t>& key,
             std::vector<ast::ExpressionPtr> columns, Row row) :
        scratch_(with_objects(owner)),
        row_(std::move(row)) {
        tag_.columns = std::move(columns);
        tag_.place = scratch_.construct().object();
        for (const auto column : key) tag_.fields.push_back(owner.columns()[column].field);
        tag_.row = [this](InstanceState& object) { tell(object); };
    }
    OwnerTag(const OwnerTag&) = delete;
    OwnerTag& operator=(const OwnerTag&) = delete;

    [[nodiscard]] const RowTag* tag() const noexcept { return &tag_; }

private:
    /// A class of which there can be objects; where a base's columns lie is the same in it.
    [[nodiscard]] static const Mapper& with_objects(const Mapper& mapper) {
        for (const Mapper* descendant : mapper.descendants()) {
            if (descendant->object_type().construct != nullptr) return *descendant;
        }
        return mapper;
    }
    void tell(InstanceState& object) {
        values_.clear();
        for (const Field& field : tag_.fields) values_.push_back(load(field, tag_.place));
        pack_key(values_, bytes_);
        row_(bytes_, object);
    }

    Slab scratch_; ///< an owner whose key each row overwrites
    Row row_;
    RowTag tag_;
    std::vector<Value> values_;
    std::string bytes_;
};

} // namespace mercator
