// SPDX-License-Identifier: MIT
#include "thread_guard.hpp"

#include <mysql_driver.h>

namespace mercator::mysql {
namespace {

class ThreadGuard {
public:
    ThreadGuard() { connector().threadInit(); }
    ~ThreadGuard() { connector().threadEnd(); }
    ThreadGuard(const ThreadGuard&) = delete;
    ThreadGuard& operator=(const ThreadGuard&) = delete;
};

} // namespace

sql::mysql::MySQL_Driver& connector() {
    // The connector looks its driver up in a map without a lock.
    static sql::mysql::MySQL_Driver* const driver = sql::mysql::get_driver_instance();
    return *driver;
}

void enter_thread() {
    thread_local const ThreadGuard guard;
    static_cast<void>(guard);
}

} // namespace mercator::mysql
