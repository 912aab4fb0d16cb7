// SPDX-License-Identifier: MIT
#include <mercator/ast/cache_key.hpp>

#include "ast/children.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace mercator::ast {
namespace {

/// Collects bytes in a buffer on the stack first: one append to the key instead of one per node.
class KeyBytes {
public:
    explicit KeyBytes(std::string& out) : out_(out) {}

    // Built into its callers, where most sizes are known: a node is a few stores.
    [[gnu::always_inline]] void raw(const void* data, std::size_t size) {
        if (size > sizeof buffer_ - used_) [[unlikely]] {
            append(data, size);
            return;
        }
        std::memcpy(buffer_ + used_, data, size);
        used_ += size;
    }
    template <class T>
    void plain(const T& value) {
        static_assert(std::is_arithmetic_v<T> || std::is_pointer_v<T> || std::is_enum_v<T>);
        raw(&value, sizeof value);
    }
    void flush() {
        out_.append(buffer_, used_);
        used_ = 0;
    }
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() + used_; }

private:
    [[gnu::noinline]] void append(const void* data, std::size_t size) {
        flush();
        out_.append(static_cast<const char*>(data), size);
    }

    std::string& out_;
    std::size_t used_ = 0;
    char buffer_[1024];
};

/// Takes the place of KeyBytes when only the binds are wanted.
class NoBytes {
public:
    void raw(const void*, std::size_t) {}
    template <class T>
    void plain(const T&) {}
    void flush() {}
    [[nodiscard]] std::size_t size() const noexcept { return 0; }
};

constexpr std::uint8_t absent = 0xFF;
constexpr std::uint8_t nullable_mark = 0x80;
constexpr std::uint8_t rules_mark = 0x80;

/// One walk for both: the layout of every node is fixed by its kind, every list and text carries
/// its length, so no two structures have the same bytes.
template <class Sink>
class KeyWalk {
public:
    KeyWalk(Sink& bytes, std::vector<const Bind*>& binds) :
        bytes_(bytes),
        binds_(binds),
        start_(bytes.size()) {}

    void statement(const Statement& statement) {
        bytes_.plain(statement.kind);
        switch (statement.kind) {
        case NodeKind::Select:
            select(static_cast<const Select&>(statement));
            break;
        case NodeKind::Insert:
            insert(static_cast<const Insert&>(statement));
            break;
        case NodeKind::Update:
            update(static_cast<const Update&>(statement));
            break;
        case NodeKind::Delete:
            remove(static_cast<const Delete&>(statement));
            break;
        default:
            break;
        }
        finish();
    }

    void condition(const ExpressionPtr& alone) {
        expression(alone);
        finish();
    }

private:
    void finish() {
        if (!ends_.empty()) paths();
    }

    void expression(const ExpressionPtr& expression) {
        if (expression == nullptr) {
            bytes_.plain(absent);
            return;
        }
        const Expression& e = *expression;
        const auto kind = static_cast<std::uint8_t>(e.kind);
        // What a bind holds, NULL or not, is its value and no part of the structure.
        const bool nullable = e.nullable && e.kind != NodeKind::Bind;
        bytes_.plain(static_cast<std::uint8_t>(kind | (nullable ? nullable_mark : 0)));
        type(e.type);
        own_data(e);
        for_each_child(
            e, [this](const ExpressionPtr& child) { this->expression(child); },
            [this](const Select& child) { select(child); });
    }

    void flag(bool value) { bytes_.plain(static_cast<std::uint8_t>(value)); }
    void count(std::size_t n) {
        if (n < absent) {
            bytes_.plain(static_cast<std::uint8_t>(n));
            return;
        }
        bytes_.plain(absent);
        bytes_.plain(static_cast<std::uint64_t>(n));
    }
    void text(std::string_view text) {
        count(text.size());
        bytes_.raw(text.data(), text.size());
    }

    void type(const SqlType& type) {
        const auto kind = static_cast<std::uint8_t>(type.kind);
        const std::uint64_t packed =
            static_cast<std::uint64_t>(kind | (type.rules != nullptr ? rules_mark : 0)) |
            static_cast<std::uint64_t>(type.decimal_storage) << 8 |
            static_cast<std::uint64_t>(type.element) << 9 |
            static_cast<std::uint64_t>(type.sensitive) << 15 |
            static_cast<std::uint64_t>(type.precision) << 16 |
            static_cast<std::uint64_t>(type.scale) << 24 |
            static_cast<std::uint64_t>(type.length) << 32;
        bytes_.plain(packed);
        if (type.rules != nullptr) bytes_.plain(type.rules);
    }

    /// A column of a table that a path leads to brings a join with it. Kept for the end, so that
    /// other columns pay for no more than the look.
    [[gnu::noinline]] void note_path(const ColumnRef& ref) {
        ends_.push_back({bytes_.size() - start_, ref.table.get()});
    }

    /// Which columns have paths, by where they stand, and each path where it is met first.
    [[gnu::noinline]] void paths() {
        // The condition of a path may have columns with paths.
        for (std::size_t i = 0; i < ends_.size(); ++i) {
            const auto [place, table] = ends_[i];
            bytes_.plain(static_cast<std::uint64_t>(place));
            path_to(*table);
        }
    }
    void path_to(const TableRef& end) {
        table(end);
        const ImpliedJoin* join = end.implied.get();
        const auto known = std::find(paths_.begin(), paths_.end(), join);
        count(static_cast<std::size_t>(known - paths_.begin()));
        if (known != paths_.end()) return;
        paths_.push_back(join);
        bytes_.plain(join->kind);
        expression(join->on);
        flag(join->owner->implied != nullptr);
        if (join->owner->implied != nullptr) return path_to(*join->owner);
        table(*join->owner);
    }

    /// What a node holds besides its operands, and how many of these there are.
    void own_data(const Expression& e) {
        switch (e.kind) {
        case NodeKind::ColumnRef: {
            const auto& ref = as<ColumnRef>(e);
            text(ref.qualifier);
            text(ref.name);
            if (ref.table != nullptr && ref.table->implied != nullptr) note_path(ref);
            break;
        }
        case NodeKind::Bind:
            bind(as<Bind>(e));
            break;
        case NodeKind::Literal:
            value(as<Literal>(e).value);
            break;
        case NodeKind::Unary:
            bytes_.plain(as<Unary>(e).op);
            break;
        case NodeKind::Binary:
            bytes_.plain(as<Binary>(e).op);
            break;
        case NodeKind::Logical:
            flag(as<Logical>(e).is_and);
            count(as<Logical>(e).operands.size());
            break;
        case NodeKind::NullTest:
            flag(as<NullTest>(e).negated);
            break;
        case NodeKind::In:
            flag(as<In>(e).negated);
            count(as<In>(e).values.size());
            break;
        case NodeKind::InSubquery:
            flag(as<InSubquery>(e).negated);
            break;
        case NodeKind::Like:
            like(as<Like>(e));
            break;
        case NodeKind::Between:
            flag(as<Between>(e).negated);
            break;
        case NodeKind::Function:
            function(as<Function>(e));
            break;
        case NodeKind::Case:
            count(as<Case>(e).branches.size());
            flag(as<Case>(e).otherwise != nullptr);
            break;
        case NodeKind::Label:
            text(as<Label>(e).name);
            break;
        case NodeKind::Exists:
            flag(as<Exists>(e).negated);
            break;
        case NodeKind::Over:
            count(as<Over>(e).partition_by.size());
            count(as<Over>(e).order_by.size());
            break;
        case NodeKind::Ordering:
            flag(as<Ordering>(e).descending);
            bytes_.plain(as<Ordering>(e).nulls);
            break;
        case NodeKind::Text:
            author_text(as<Text>(e));
            break;
        case NodeKind::Extension:
            text(as<Extension>(e).name);
            count(as<Extension>(e).arguments.size());
            break;
        case NodeKind::JsonPath:
            json_path(as<JsonPath>(e));
            break;
        case NodeKind::Containment:
            bytes_.plain(as<Containment>(e).of);
            break;
        default:
            break;
        }
    }

    void bind(const Bind& bind) {
        // Without a type the compiled statement takes that of the value, which so becomes part of
        // the structure.
        if (bind.type.kind == TypeKind::Unknown) bytes_.plain(bind.value.kind());
        binds_.push_back(&bind);
    }
    void like(const Like& like) {
        bytes_.plain(like.escape);
        flag(like.case_insensitive);
        flag(like.negated);
    }
    void function(const Function& function) {
        bytes_.plain(function.id);
        flag(function.distinct);
        text(function.name);
        count(function.arguments.size());
    }
    void json_path(const JsonPath& path) {
        bytes_.plain(path.form);
        count(path.steps.size());
        for (const JsonStep& step : path.steps) {
            bytes_.plain(step.index);
            if (!step.is_index()) text(step.key);
        }
    }
    void author_text(const Text& node) {
        count(node.pieces.size());
        for (const auto& piece : node.pieces) text(piece);
        count(node.values.size());
    }

    void value(const Value& value) {
        bytes_.plain(value.kind());
        std::visit([this](const auto& v) { this->content(v); }, value.storage());
    }
    void content(Null) {}
    template <class T>
    requires std::is_arithmetic_v<T>
    void content(T v) { bytes_.plain(v); }
    void content(const std::string& v) { text(v); }
    void content(const mercator::Bytes& v) {
        count(v.size());
        bytes_.raw(v.data(), v.size());
    }
    void content(const Decimal& v) {
        bytes_.plain(v.coefficient_high());
        bytes_.plain(v.coefficient_low());
        bytes_.plain(v.scale());
    }
    void content(DateTime v) { bytes_.plain(v.time_since_epoch().count()); }
    void content(Time v) { bytes_.plain(v.since_midnight().count()); }
    void content(Interval v) { bytes_.plain(v.count()); }
    void content(const Uuid& v) { bytes_.raw(v.bytes().data(), v.bytes().size()); }
    void content(Date v) {
        bytes_.plain(static_cast<int>(v.year()));
        bytes_.plain(static_cast<unsigned>(v.month()));
        bytes_.plain(static_cast<unsigned>(v.day()));
    }

    void list(const std::vector<ExpressionPtr>& list) {
        count(list.size());
        for (const auto& item : list) expression(item);
    }

    void table(const TableRef& table) {
        text(table.schema);
        text(table.name);
        text(table.alias);
    }
    void from_item(const FromItem& item) {
        if (const auto* ref = std::get_if<std::shared_ptr<const TableRef>>(&item)) {
            bytes_.plain(NodeKind::TableRef);
            table(**ref);
            return;
        }
        const auto& subquery = *std::get<std::shared_ptr<const Subquery>>(item);
        bytes_.plain(NodeKind::Subquery);
        text(subquery.alias);
        select(*subquery.select);
        count(subquery.and_all.size());
        for (const auto& more : subquery.and_all) select(*more);
    }

    void select(const Select& select) {
        flag(select.distinct);
        flag(select.for_update);
        list(select.columns);
        count(select.from.size());
        for (const auto& item : select.from) from_item(item);
        count(select.joins.size());
        for (const auto& join : select.joins) {
            bytes_.plain(join.kind);
            from_item(join.target);
            expression(join.on);
        }
        list(select.where);
        list(select.group_by);
        list(select.having);
        list(select.order_by);
        expression(select.limit);
        expression(select.offset);
    }

    void target(const TargetColumn& column) {
        text(column.name);
        type(column.type);
        flag(column.nullable);
    }
    void targets(const std::vector<TargetColumn>& columns) {
        count(columns.size());
        for (const auto& column : columns) target(column);
    }
    void batch(BatchForm form, std::uint32_t rows) {
        bytes_.plain(form);
        bytes_.plain(rows);
    }

    void insert(const Insert& insert) {
        table(*insert.table);
        targets(insert.columns);
        targets(insert.returning);
        batch(insert.form, insert.rows);
        list(insert.values);
    }
    void update(const Update& update) {
        table(*update.table);
        targets(update.columns);
        targets(update.keys);
        batch(update.form, update.rows);
        count(update.assignments.size());
        for (const auto& assignment : update.assignments) {
            target(assignment.column);
            expression(assignment.value);
        }
        list(update.where);
    }
    void remove(const Delete& statement) {
        table(*statement.table);
        targets(statement.keys);
        batch(statement.form, statement.rows);
        list(statement.where);
    }

    Sink& bytes_;
    std::vector<const Bind*>& binds_;
    struct PathEnd {
        std::size_t place; ///< of the column that has it, in the key
        const TableRef* table;
    };
    std::size_t start_; ///< what stands before this in the key
    std::vector<PathEnd> ends_;
    std::vector<const ImpliedJoin*> paths_; ///< in the order in which they were written
};

void append_schemas(const SchemaTranslation& schemas, KeyBytes& bytes) {
    for (const auto& [from, to] : schemas) {
        for (const std::string* name : {&from, &to}) {
            bytes.plain(name->size());
            bytes.raw(name->data(), name->size());
        }
    }
}

} // namespace

void append_cache_key(const Statement& statement, CacheKey& key) {
    KeyBytes bytes(key.bytes);
    KeyWalk<KeyBytes>(bytes, key.binds).statement(statement);
    if (key.schemas != nullptr) [[unlikely]]
        append_schemas(*key.schemas, bytes);
    bytes.flush();
}

void append_cache_key(const ExpressionPtr& expression, CacheKey& key) {
    KeyBytes bytes(key.bytes);
    KeyWalk<KeyBytes>(bytes, key.binds).condition(expression);
    bytes.flush();
}

void append_binds(const Statement& statement, std::vector<const Bind*>& binds) {
    NoBytes bytes;
    KeyWalk<NoBytes>(bytes, binds).statement(statement);
}

} // namespace mercator::ast
