// SPDX-License-Identifier: MIT
#include "related_reading.hpp"

#include "known_by_key.hpp"
#include "owner_tag.hpp"
#include "prepared_rows.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace mercator {

RelatedReading::RelatedReading(LoadContext& context, std::span<RelatedLoader* const> loaders) :
    context_(context),
    together_(std::all_of(loaders.begin(), loaders.end(),
                          [](const RelatedLoader* loader) { return loader->can_wait(); })) {
    for (RelatedLoader* loader : loaders) {
        if (loader->read_embedded()) continue;
        for (auto& groups : loader->chunks()) {
            Piece piece{loader, std::move(groups)};
            if (together_ && needs_no_statement(piece)) {
                loader->read_chunk(piece.groups);
            } else {
                pieces_.push_back(std::move(piece));
            }
        }
    }
}

/// Is it what `get` finds in memory?
bool RelatedReading::needs_no_statement(const Piece& piece) const {
    if (piece.groups.size() > 1 || !piece.loader->goes_by_get()) return false;
    const Mapper& target = *piece.loader->relationship_.target;
    IdentityKey identity;
    identity_of(target, piece.groups.front()->key, identity);
    return known_by_key(context_, target, identity, false) != nullptr;
}

/// One that is complete before it is sent.
class RelatedReading::Statement {
public:
    Statement(LoadContext& context, const Piece& piece) :
        loader_(*piece.loader),
        groups_(piece.groups),
        request_(loader_.request()) {
        ++loader_.statements_;
        loader_.last_.reset();
        if (groups_.size() > 1) {
            ask_for_many();
        } else if (loader_.goes_by_get()) {
            rows_.emplace(context, *loader_.relationship_.target, groups_.front()->key);
            return;
        } else {
            loader_.last_ = related_rows(loader_.step_, *groups_.front()->owners.front());
        }
        rows_.emplace(context, request_, *loader_.last_);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    [[nodiscard]] const ast::Select& select() const noexcept { return rows_->select(); }
    void read(DriverStatement& statement) { rows_->read(statement, read_); }
    /// May run statements of its own.
    void settle() {
        if (groups_.size() == 1) {
            groups_.front()->targets = read_;
        } else if (!all_found_) {
            return loader_.read_each(groups_);
        }
        for (RelatedLoader::Group* group : groups_) drop_repeated(group->targets);
        loader_.objects_.insert(loader_.objects_.end(), read_.begin(), read_.end());
    }

private:
    void ask_for_many() {
        std::vector<const OwnerKey*> keys;
        for (const RelatedLoader::Group* group : groups_) keys.push_back(&group->key);
        RelatedRows rows = related_rows(loader_.step_, keys);
        tag_.emplace(*loader_.relationship_.owner, loader_.columns_, std::move(rows.whose),
                     [this](const std::string& key, InstanceState& object) {
                         all_found_ = loader_.give(key, object) && all_found_;
                     });
        request_.tag = tag_->tag();
        loader_.last_ = std::move(rows.select);
    }

    RelatedLoader& loader_;
    const RelatedLoader::Chunk& groups_;
    LoadRequest request_;
    std::optional<OwnerTag> tag_;
    std::optional<PreparedRows> rows_;
    std::vector<InstanceState*> read_;
    bool all_found_ = true;
};

void RelatedReading::read() {
    if (!together_ || pieces_.size() < 2) {
        for (const Piece& piece : pieces_) piece.loader->read_chunk(piece.groups);
        return;
    }
    for (std::span<const Piece> rest(pieces_); !rest.empty();) {
        const std::size_t round = std::min(rest.size(), most_together);
        read_together(rest.first(round));
        rest = rest.subspan(round);
    }
}

void RelatedReading::read_together(std::span<const Piece> pieces) {
    std::deque<Statement> statements;
    std::vector<const ast::Select*> selects;
    for (const Piece& piece : pieces)
        selects.push_back(&statements.emplace_back(context_, piece).select());
    auto leases = context_.run_together(selects);
    for (std::size_t i = 0; i < leases.size(); ++i) {
        statements[i].read(*leases[i]);
        leases[i] = StatementLease(); // its rows are not needed any longer
    }
    for (Statement& statement : statements) statement.settle();
}

} // namespace mercator
