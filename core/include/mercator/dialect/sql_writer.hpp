// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// Where one walk of the tree leaves text, binds, result columns and cacheability, so that they
/// cannot disagree (Diesel's AstPass). Made and used by a Compiler; one thread.
class MERCATOR_API SqlWriter {
public:
    explicit SqlWriter(const IdentifierPreparer& preparer) :
        preparer_(&preparer),
        takes_plain_names_(preparer.max_length() >= ast::longest_plain_name) {
        // What a usual statement needs, at once instead of in doubling steps.
        buffer_.resize(512);
        compiled_.binds.reserve(8);
        bind_nodes_.reserve(8);
    }

    SqlWriter& text(std::string_view sql) {
        std::memcpy(room(sql.size()), sql.data(), sql.size());
        return *this;
    }
    /// A literal: its length is known to the compiler, so it is stored without a call.
    template <std::size_t Size>
    SqlWriter& text(const char (&sql)[Size]) {
        std::memcpy(room(Size - 1), sql, Size - 1);
        return *this;
    }
    SqlWriter& text(char c) {
        *room(1) = c;
        return *this;
    }
    SqlWriter& identifier(std::string_view name);
    /// `"qualifier"."name"`.
    SqlWriter& identifier(std::string_view qualifier, std::string_view name) {
        return identifier(qualifier).text('.').identifier(name);
    }
    /// A name that only this statement knows: an alias or a label. One that is too long for the
    /// database is cut and ends in a hash of the whole, the same wherever it stands, so that two
    /// names that begin alike stay two. (A table's or column's own name that is too long is an
    /// error.)
    SqlWriter& alias(std::string_view name);
    /// The same for names that are known to be plain (`ast::is_plain_name`): nothing to look for,
    /// nothing to double. Only where `takes_plain_names()`.
    SqlWriter& plain_identifier(std::string_view qualifier, std::string_view name) {
        const char quote = preparer_->quote_character();
        char* to = room(qualifier.size() + name.size() + 5);
        *to++ = quote;
        std::memcpy(to, qualifier.data(), qualifier.size());
        to += qualifier.size();
        *to++ = quote;
        *to++ = '.';
        *to++ = quote;
        std::memcpy(to, name.data(), name.size());
        to[name.size()] = quote;
        return *this;
    }
    /// Does the database take every plain name, however long?
    [[nodiscard]] bool takes_plain_names() const noexcept { return takes_plain_names_; }
    SqlWriter& number(std::uint64_t value);

    /// Notes a parameter and returns its number from 1; the compiler writes the placeholder.
    std::size_t add_bind(const ast::Bind& bind) {
        bind_nodes_.push_back(&bind);
        compiled_.binds.push_back(BindSlot{bind.type, 0});
        return compiled_.binds.size();
    }
    std::size_t add_bind(const SqlType& type) {
        compiled_.binds.push_back(BindSlot{type, 0});
        return compiled_.binds.size();
    }
    void add_result_column(std::string name, const SqlType& type, bool nullable) {
        compiled_.columns.push_back(ResultColumn{std::move(name), type, nullable});
    }
    void not_cacheable() noexcept { compiled_.cacheable = false; }

    [[nodiscard]] Compiled& compiled() noexcept { return compiled_; }
    /// The text written so far; the writer is empty afterwards.
    [[nodiscard]] std::string take_text();
    /// Everything, text included; the writer is empty afterwards.
    [[nodiscard]] Compiled take_compiled();
    [[nodiscard]] const std::vector<const ast::Bind*>& bind_nodes() const noexcept {
        return bind_nodes_;
    }

private:
    /// Where the next `size` characters go.
    char* room(std::size_t size) {
        if (buffer_.size() - length_ < size) grow(size);
        char* place = buffer_.data() + length_;
        length_ += size;
        return place;
    }
    void grow(std::size_t size);

    const IdentifierPreparer* preparer_;
    bool takes_plain_names_;
    std::string
        buffer_; ///< written up to `length_`; one copy per piece, no bookkeeping of a string's own
    std::size_t length_ = 0;
    Compiled compiled_;
    std::vector<const ast::Bind*> bind_nodes_;
};

} // namespace abi1
} // namespace mercator
