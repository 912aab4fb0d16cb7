// SPDX-License-Identifier: MIT
// Has a thread that still works and thread-locals that still live when the process ends.
#include <mercator/plugin/abi.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace {

std::atomic<int> rounds = 0;

struct Slow {
    std::string text = "long enough not to be kept inside of the string itself";
    ~Slow() { rounds += static_cast<int>(text.size()); }
};

thread_local Slow slow;

void* create() {
    slow.text += "!";
    std::thread([] {
        for (;;) {
            thread_local Slow mine;
            mine.text += "?";
            mine.text.resize(60);
            ++rounds;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }).detach();
    return &rounds;
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "lingering", "1.0.0", "lingering", create)
