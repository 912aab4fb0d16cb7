// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <cstddef>
#include <new>

namespace mercator {

/// An object of the class that exists only to be tried on.
class ScratchObject {
public:
    explicit ScratchObject(const ObjectType& type) :
        type_(type),
        place_(
            static_cast<std::byte*>(::operator new(type.size, std::align_val_t(type.alignment)))) {
        try {
            type_.construct(place_);
        } catch (...) {
            release();
            throw;
        }
    }
    ScratchObject(const ScratchObject&) = delete;
    ScratchObject& operator=(const ScratchObject&) = delete;
    ~ScratchObject() {
        type_.destroy(place_);
        release();
    }
    [[nodiscard]] std::byte* object() noexcept { return place_; }

private:
    void release() noexcept { ::operator delete(place_, std::align_val_t(type_.alignment)); }

    const ObjectType& type_;
    std::byte* place_;
};

} // namespace mercator
