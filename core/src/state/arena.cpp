// SPDX-License-Identifier: MIT
#include <mercator/state/arena.hpp>

#include <algorithm>

namespace mercator {

void Arena::grow(std::size_t at_least) {
    constexpr std::size_t smallest = 4096;
    constexpr std::size_t largest = std::size_t{1} << 20U;
    const std::size_t size = std::max(at_least, std::clamp(reserved_, smallest, largest));
    blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[size]));
    next_ = blocks_.back().get();
    end_ = next_ + size;
    reserved_ += size;
}

std::vector<std::unique_ptr<std::byte[]>> Arena::start_again(std::size_t size) {
    std::vector<std::unique_ptr<std::byte[]>> fresh;
    fresh.push_back(std::unique_ptr<std::byte[]>(new std::byte[size]));
    fresh.swap(blocks_);
    next_ = blocks_.front().get();
    end_ = next_ + size;
    reserved_ = size;
    return fresh;
}

} // namespace mercator
