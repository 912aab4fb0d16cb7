// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Objects as JSON text, by a specification that lists what is shown: nothing else ever is.
namespace mercator {

/// What is done with a relationship or a deferred column that the specification lists and that is
/// not loaded.
enum class Unloaded : std::uint8_t {
    refuse,    ///< a StateError: no statement is sent that nobody asked for
    leave_out, ///< it is not in the JSON
    load       ///< it is loaded, as touching it would
};

/// The untyped half of a JsonSpec.
struct JsonShape {
    using Related = std::vector<std::shared_ptr<void>>;
    struct Item {
        std::string name;      ///< in the JSON
        std::string attribute; ///< of the class, where there is no place
        std::uint32_t offset = 0xffffffff;
        bool reveal = false; ///< although it is sensitive
        std::function<Value(const void* object)> compute = {};
        /// Of a relationship: all that it holds, loaded if need be.
        void (*related)(const void* object, Related& found) = nullptr;
        std::shared_ptr<const JsonShape> shape = {}; ///< of related objects; none: this one again
    };
    const Mapper& (*mapper)() = nullptr;
    std::vector<Item> items;
    Unloaded unloaded = Unloaded::refuse;
    bool decimals_as_numbers = false;
};
MERCATOR_API void write_json(std::string& out, const JsonShape& shape, const void* object);

/// What of a T is shown, and how. A value: each call returns a changed copy; make it once and keep
/// it, from any thread.
///
///     const auto spec = json_spec<User>()
///                           .fields<&User::id, &User::name>()
///                           .with<&User::role>(json_spec<Role>().fields<&Role::name>())
///                           .computed("initials", [](const User& user) { return user.initials();
///                           });
///     to_json(user, spec);   // {"id":1,"name":"Ada","role":{"name":"admin"},"initials":"A"}
///
/// Moments are ISO 8601 in UTC, decimals text, bytes base64, what is absent null. A sensitive
/// column is "***" unless it is revealed.
template <class T>
class JsonSpec {
public:
    JsonSpec() {
        shape_.mapper = []() -> const Mapper& { return mapper_of<T>(); };
    }

    /// Columns and embedded structs, under their members' names, in this order.
    template <auto... Members>
    [[nodiscard]] JsonSpec fields() const {
        JsonSpec copy = *this;
        (copy.shape_.items.push_back(
             {.name = std::string(member_name<Members>()), .offset = member_offset<T>(Members)}),
         ...);
        return copy;
    }
    /// One of them under another name.
    template <auto Member>
    [[nodiscard]] JsonSpec field(std::string name) const {
        return and_item({.name = std::move(name), .offset = member_offset<T>(Member)});
    }
    /// By the name of a member or column, for those that are a pair of functions.
    [[nodiscard]] JsonSpec field(std::string name) const {
        return and_item({.name = name, .attribute = name});
    }
    /// A sensitive column with its value.
    template <auto Member>
    [[nodiscard]] JsonSpec reveal() const {
        return and_item({.name = std::string(member_name<Member>()),
                         .offset = member_offset<T>(Member),
                         .reveal = true});
    }
    /// What a function makes of the object: anything that is a Value, or a std::optional of it.
    template <std::invocable<const T&> Compute>
    [[nodiscard]] JsonSpec computed(std::string name, Compute compute) const {
        return and_item({.name = std::move(name),
                         .compute = [compute = std::move(compute)](const void* object) {
                             return to_value(compute(*static_cast<const T*>(object)));
                         }});
    }
    /// Related objects: an object or null for a One, an array for a Many.
    template <auto Member, class Target>
    [[nodiscard]] JsonSpec with(const JsonSpec<Target>& spec, std::string name = {}) const {
        using Side = typename MemberPointer<decltype(Member)>::member_type;
        static_assert(std::same_as<typename Side::target_type, Target>,
                      "mercator: the specification must be of the class that the relationship "
                      "leads to");
        return and_related<Member>(std::move(name), std::make_shared<JsonShape>(spec.shape()));
    }
    /// The same for a class that refers to itself, to any depth, each object by this specification
    /// again. One that it is within already ends the way: null for a One, left out of a Many.
    template <auto Member>
    [[nodiscard]] JsonSpec recursive(std::string name = {}) const {
        using Side = typename MemberPointer<decltype(Member)>::member_type;
        static_assert(std::same_as<typename Side::target_type, T>,
                      "mercator: recursive() needs a relationship of a class to itself");
        return and_related<Member>(std::move(name), nullptr);
    }
    /// Holds for all that is written, related objects as well.
    [[nodiscard]] JsonSpec unloaded(Unloaded unloaded) const {
        JsonSpec copy = *this;
        copy.shape_.unloaded = unloaded;
        return copy;
    }
    /// Decimals as JSON numbers, for readers that keep all digits. As `unloaded`.
    [[nodiscard]] JsonSpec decimals_as_numbers(bool on = true) const {
        JsonSpec copy = *this;
        copy.shape_.decimals_as_numbers = on;
        return copy;
    }

    [[nodiscard]] const JsonShape& shape() const noexcept { return shape_; }

private:
    [[nodiscard]] JsonSpec and_item(JsonShape::Item item) const {
        JsonSpec copy = *this;
        copy.shape_.items.push_back(std::move(item));
        return copy;
    }
    template <auto Member>
    [[nodiscard]] JsonSpec and_related(std::string name,
                                       std::shared_ptr<const JsonShape> shape) const {
        if (name.empty()) name = std::string(member_name<Member>());
        return and_item({.name = std::move(name),
                         .offset = member_offset<T>(Member),
                         .related = &all_related<Member>,
                         .shape = std::move(shape)});
    }
    template <auto Member>
    static void all_related(const void* object, JsonShape::Related& found) {
        const auto& side = static_cast<const T*>(object)->*Member;
        if constexpr (requires { side.handle(); }) {
            if (auto target = side.handle()) found.push_back(std::move(target));
        } else {
            for (auto target : side) found.push_back(std::move(target));
        }
    }

    JsonShape shape_;
};
template <class T>
[[nodiscard]] JsonSpec<T> json_spec() {
    return {};
}

/// Sends no SQL unless the specification says so (`Unloaded::load`).
template <Described T>
[[nodiscard]] std::string to_json(const T& object, const JsonSpec<T>& spec) {
    std::string text;
    write_json(text, spec.shape(), &object);
    return text;
}
/// An empty handle is null.
template <class T, class Object>
requires std::same_as<std::remove_const_t<Object>, T>
[[nodiscard]] std::string to_json(const std::shared_ptr<Object>& object, const JsonSpec<T>& spec) {
    return object == nullptr ? "null" : to_json(*object, spec);
}
/// An array of all that is in a collection or a list of handles.
template <class T, IterableValues Objects>
[[nodiscard]] std::string to_json(const Objects& objects, const JsonSpec<T>& spec) {
    std::string text = "[";
    for (const auto& object : objects) text += (text.size() > 1 ? "," : "") + to_json(object, spec);
    return text + "]";
}

} // namespace mercator
