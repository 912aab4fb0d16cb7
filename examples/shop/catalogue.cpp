// SPDX-License-Identifier: MIT
#include "catalogue.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>

namespace shop {

namespace {

struct Shelf {
    std::string_view parent; ///< empty for a root
    std::string_view name;
    std::array<std::string_view, 5>
        nouns;                ///< what stands on it; empty for categories of categories
    std::uint32_t lowest = 0; ///< price in whole units
    std::uint32_t highest = 0;
};

constexpr std::array<std::string_view, 6> makers{"Atlas",   "Borealis", "Cinder",
                                                 "Dunmore", "Ekholm",   "Fjord"};

constexpr std::array shelves{
    Shelf{"", "Electronics", {}},
    Shelf{"Electronics", "Computers", {}},
    Shelf{"Computers",
          "Laptops",
          {"Laptop 13", "Laptop 14", "Laptop 15", "Laptop 16", "Laptop 17"},
          599,
          2499},
    Shelf{"Computers", "Accessories", {"Keyboard", "Mouse", "Dock", "Webcam", "Hub"}, 15, 199},
    Shelf{"Electronics",
          "Audio",
          {"Headphones", "Earbuds", "Speaker", "Turntable", "Amplifier"},
          39,
          699},
    Shelf{
        "Electronics", "Cameras", {"Compact", "Bridge", "Camcorder", "Tripod", "Flash"}, 49, 1299},
    Shelf{"", "Home", {}},
    Shelf{"Home", "Kitchen", {"Kettle", "Toaster", "Blender", "Pan", "Knife"}, 19, 149},
    Shelf{"Home",
          "Lighting",
          {"Desk Lamp", "Floor Lamp", "Lantern", "Spotlight", "Pendant"},
          12,
          240},
    Shelf{"Home", "Furniture", {"Chair", "Desk", "Shelf", "Stool", "Sofa"}, 45, 990},
    Shelf{"", "Outdoors", {}},
    Shelf{"Outdoors", "Camping", {"Tent", "Stove", "Sleeping Bag", "Mat", "Backpack"}, 25, 420},
    Shelf{"Outdoors", "Cycling", {"Helmet", "Pump", "Saddle", "Lock", "Pannier"}, 9, 180},
    Shelf{"Outdoors", "Climbing", {"Rope", "Harness", "Carabiner", "Chalk Bag", "Shoes"}, 8, 210},
    Shelf{"", "Stationery", {}},
    Shelf{
        "Stationery", "Paper", {"Notebook", "Planner", "Sketchbook", "Envelope Set", "Map"}, 3, 35},
    Shelf{"Stationery",
          "Pens",
          {"Fountain Pen", "Rollerball", "Pencil Set", "Brush Pen", "Ink"},
          4,
          120},
    Shelf{"Stationery",
          "Globes",
          {"Globe 20", "Globe 25", "Globe 30", "Globe 35", "Globe 40"},
          29,
          480},
};

struct Person {
    std::string_view first;
    std::string_view last;
    std::string_view city;
    std::string_view state;
    std::string_view country;
};

constexpr std::array people{
    Person{"Ada", "Lovelace", "London", "England", "United Kingdom"},
    Person{"Gerard", "Mercator", "Duisburg", "Nordrhein-Westfalen", "Germany"},
    Person{"Grace", "Hopper", "New York", "New York", "United States"},
    Person{"Ptolemy", "Claudius", "Alexandria", "Alexandria", "Egypt"},
    Person{"Marie", "Tharp", "Ypsilanti", "Michigan", "United States"},
    Person{"Abraham", "Ortelius", "Antwerp", "Flanders", "Belgium"},
    Person{"Inō", "Tadataka", "Sawara", "Chiba", "Japan"},
    Person{"Muhammad", "al-Idrisi", "Palermo", "Sicily", "Italy"},
    Person{"Zheng", "He", "Nanjing", "Jiangsu", "China"},
    Person{"Émilie", "du Châtelet", "Paris", "Île-de-France", "France"},
    Person{"Piri", "Reis", "Gelibolu", "Çanakkale", "Türkiye"},
    Person{"Juan", "de la Cosa", "Santoña", "Cantabria", "Spain"},
};

void fill(mercator::Session& session, const Shelf& shelf, const std::shared_ptr<Category>& category,
          Dice& dice) {
    for (const auto maker : makers) {
        for (const auto noun : shelf.nouns) {
            const auto units = shelf.lowest + dice.roll(shelf.highest - shelf.lowest);
            const bool sold_out = dice.roll(30) == 0;
            auto product = session.add(Product{
                .name = fmt::format("{} {}", maker, noun),
                .price = Decimal::from_scaled(static_cast<std::int64_t>(units) * 100 + 90, 2),
                .stock = sold_out ? 0 : 20 + static_cast<int>(dice.roll(60))});
            product->category = category;
        }
    }
}

} // namespace

std::uint32_t Dice::roll(std::uint32_t sides) {
    state_ = state_ * 1664525U + 1013904223U; // Knuth's generator; its high bits are the good ones
    return (state_ >> 8U) % sides;
}

void add_catalogue(mercator::Session& session) {
    Dice dice(1569);
    std::map<std::string_view, std::shared_ptr<Category>> categories;
    for (const auto& shelf : shelves) {
        auto category = session.add(Category{.name = std::string(shelf.name)});
        if (!shelf.parent.empty()) category->parent = categories.at(shelf.parent);
        if (!shelf.nouns.front().empty()) fill(session, shelf, category, dice);
        categories.emplace(shelf.name, std::move(category));
    }
}

std::vector<std::shared_ptr<User>> add_customers(mercator::Session& session) {
    std::vector<std::shared_ptr<User>> users;
    for (const auto& person : people) {
        const auto number = users.size() + 1;
        auto user = session.add(User{.username = fmt::format("customer{:02}", number),
                                     .email = fmt::format("customer{:02}@example.org", number),
                                     .password_hash = fmt::format("$2b$12$of-{:02}", number),
                                     .first_name = std::string(person.first),
                                     .last_name = std::string(person.last)});
        user->addresses.add(session.add(Address{.street = fmt::format("{} Meridian Road", number),
                                                .city = std::string(person.city),
                                                .state = std::string(person.state),
                                                .zip_code = fmt::format("{:05}", 1569 * number),
                                                .country = std::string(person.country),
                                                .is_default = true}));
        users.push_back(std::move(user));
    }
    return users;
}

} // namespace shop
