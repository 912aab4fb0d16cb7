// SPDX-License-Identifier: MIT
#include <mercator/mapping/json_output.hpp>

#include "deferred_member.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

constexpr std::string_view way_out =
    "load it with the query, or say unloaded(Unloaded::load) or unloaded(Unloaded::leave_out)";

/// One run over an object and what is shown of what it is related to.
class JsonWriter {
public:
    JsonWriter(std::string& out, const JsonShape& root) :
        out_(out),
        unloaded_(root.unloaded),
        decimals_as_numbers_(root.decimals_as_numbers) {}

    void write(const JsonShape& shape, const void* object) {
        path_.push_back({&shape, object});
        out_ += '{';
        is_first_ = true;
        for (const auto& item : shape.items) write_item(shape, item, object);
        out_ += '}';
        is_first_ = false;
        path_.pop_back();
    }

private:
    struct Step {
        const JsonShape* shape;
        const void* object;
        friend bool operator==(const Step&, const Step&) = default;
    };

    void begin(std::string_view name) {
        if (!is_first_) out_ += ',';
        is_first_ = false;
        append_json(out_, Value(name));
        out_ += ':';
    }

    void write_item(const JsonShape& shape, const JsonShape::Item& item, const void* object) {
        if (item.compute) {
            begin(item.name);
            write_value(item.compute(object));
        } else if (item.related != nullptr) {
            write_related(shape, item, object);
        } else if (const auto* part = embedded(shape.mapper(), item)) {
            write_part(shape.mapper(), *part, item, object);
        } else {
            write_column(column_of(shape.mapper(), item), item.name, item.reveal, object);
        }
    }

    static const Mapper::Embedded* embedded(const Mapper& mapper, const JsonShape::Item& item) {
        for (const auto& part : mapper.embedded()) {
            if (part.offset == item.offset) return &part;
        }
        return nullptr;
    }

    static const ColumnProperty& column_of(const Mapper& mapper, const JsonShape::Item& item) {
        if (item.attribute.empty()) return mapper.column_at(item.offset);
        if (const ColumnProperty* property = mapper.find_column(item.attribute)) return *property;
        throw ArgumentError(fmt::format("{} has no column {}; a JSON specification lists members "
                                        "that are mapped",
                                        mapper.class_name(), item.attribute),
                            std::string(mapper.class_name()));
    }

    void write_column(const ColumnProperty& property, std::string_view name, bool reveal,
                      const void* object) {
        const auto* bytes = static_cast<const std::byte*>(object);
        if (!is_there(property, bytes)) return;
        begin(name);
        if (property.field.type.sensitive && !reveal) {
            out_ += "\"***\"";
        } else if (property.shown) {
            write_value(property.shown(bytes + property.field.offset));
        } else {
            const Value value = load(property.field, bytes);
            const bool is_json = property.field.type.kind == TypeKind::Json ||
                                 property.field.type.kind == TypeKind::Array;
            const auto* text = is_json ? value.get_if<std::string>() : nullptr;
            if (text != nullptr) {
                out_ += *text;
            } else {
                write_value(value);
            }
        }
    }

    void write_part(const Mapper& mapper, const Mapper::Embedded& part, const JsonShape::Item& item,
                    const void* object) {
        begin(item.name);
        out_ += '{';
        is_first_ = true;
        for (const auto index : part.columns) {
            const ColumnProperty& property = mapper.columns()[index];
            write_column(property, std::string_view(property.member).substr(part.member.size() + 1),
                         item.reveal, object);
        }
        out_ += '}';
        is_first_ = false;
    }

    void write_value(const Value& value) {
        const auto* decimal = decimals_as_numbers_ ? value.get_if<Decimal>() : nullptr;
        if (decimal != nullptr) {
            out_ += decimal->to_string();
        } else {
            append_json(out_, value);
        }
    }

    /// False for what is to be left out.
    [[nodiscard]] bool is_there(const ColumnProperty& property, const std::byte* object) const {
        const DeferredLink* link = deferred_link(property, object);
        if (link == nullptr || link->loaded()) return true;
        if (!may_be_loaded(property.where)) return false;
        link->load();
        return true;
    }

    [[nodiscard]] bool may_be_loaded(const std::string& where) const {
        if (unloaded_ == Unloaded::refuse) {
            throw StateError(fmt::format("{} is not loaded, and to_json sends no SQL by itself; {}",
                                         where, way_out),
                             where);
        }
        return unloaded_ == Unloaded::load;
    }

    void write_related(const JsonShape& shape, const JsonShape::Item& item, const void* object) {
        const Relationship& relationship = shape.mapper().relationship_at(item.offset);
        const auto* member = static_cast<const std::byte*>(object) + relationship.offset;
        const bool is_loaded = relationship.is_collection
                                   ? reinterpret_cast<const RelatedMany*>(member)->loaded()
                                   : reinterpret_cast<const RelatedOne*>(member)->loaded();
        if (!is_loaded && !may_be_loaded(relationship.where)) return;
        const JsonShape& next = item.shape ? *item.shape : shape;
        JsonShape::Related related;
        item.related(object, related);
        std::erase_if(related, [&](const auto& target) { return is_within(next, target.get()); });
        begin(item.name);
        if (!relationship.is_collection) {
            if (related.empty()) {
                out_ += "null";
            } else {
                write(next, related.front().get());
            }
            return;
        }
        out_ += '[';
        for (std::size_t i = 0; i < related.size(); ++i) {
            if (i > 0) out_ += ',';
            write(next, related[i].get());
        }
        out_ += ']';
    }

    [[nodiscard]] bool is_within(const JsonShape& shape, const void* object) const {
        return std::find(path_.begin(), path_.end(), Step{&shape, object}) != path_.end();
    }

    std::string& out_;
    Unloaded unloaded_;
    bool decimals_as_numbers_;
    bool is_first_ = true;
    std::vector<Step> path_;
};

} // namespace

void write_json(std::string& out, const JsonShape& shape, const void* object) {
    JsonWriter(out, shape).write(shape, object);
}

} // namespace mercator
