// SPDX-License-Identifier: MIT
#include "shell.hpp"

#include "inspect_command.hpp"
#include "line_editor.hpp"
#include "schema_commands.hpp"
#include "sql_text.hpp"
#include "text_table.hpp"
#include "values.hpp"

#include <mercator/ast/build.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

namespace mercator::command {
namespace {

constexpr std::uint64_t rows_shown = 20;

std::vector<std::string> words_of_entry(std::string_view entry) {
    std::vector<std::string> words;
    std::istringstream stream{std::string(entry)};
    for (std::string word; stream >> word;) words.push_back(std::move(word));
    return words;
}

/// "db.create_all()", ".tables" and "create-all" are the commands create_all and tables, so that
/// habits from elsewhere work.
std::string command_name(std::string_view word) {
    if (word.substr(0, 3) == "db.") word.remove_prefix(3);
    if (!word.empty() && (word.front() == '.' || word.front() == '\\')) word.remove_prefix(1);
    if (word.size() > 2 && word.substr(word.size() - 2) == "()") word.remove_suffix(2);
    std::string name(word);
    std::replace(name.begin(), name.end(), '-', '_');
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char sign) { return static_cast<char>(std::tolower(sign)); });
    return name;
}

/// What was typed for a key, as the column's type wants it.
Value key_value(const std::string& text, const ColumnProperty& property) {
    if (!property.field.type.is_integer()) return Value(text);
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc() || stop != end)
        throw UsageError(fmt::format("{} is a number, '{}' is none", property.where, text), text);
    return Value(number);
}

ast::Select select_of(const Mapper& mapper) {
    ast::Select select;
    select.from = {mapper.table_ref()};
    for (const auto& property : mapper.columns()) select.columns.push_back(property.ref);
    for (const std::uint16_t key : mapper.primary_key())
        select.order_by.push_back(ast::order(mapper.columns()[key].ref));
    return select;
}

/// Secrets stay secret, also for who may read the table.
void hide_sensitive(const Mapper& mapper, ValueRows& rows) {
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (!mapper.columns()[i].field.type.sensitive) continue;
        for (auto& row : rows) {
            if (!row[i].is_null()) row[i] = Value("***");
        }
    }
}

bool begins_with(std::string_view text, std::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
}

} // namespace

struct Shell::Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view summary;
    void (Shell::*run)(const Words& words);
};

const std::vector<Shell::Command>& Shell::commands() {
    static const std::vector<Command> list{
        {"help", "", "what there is", &Shell::help},
        {"tables", "", "the tables of the database", &Shell::tables},
        {"models", "[Model ...]", "the classes, their members and relationships", &Shell::models},
        {"describe", "table ...", "columns, keys and checks of tables", &Shell::describe},
        {"rows", "Model [key ...]", "its first rows, or one; the name alone does it too",
         &Shell::rows},
        {"count", "Model", "how many rows there are", &Shell::count},
        {"create_all", "", "create the tables that are missing", &Shell::create},
        {"drop_all", "yes", "drop the tables of the models", &Shell::drop},
        {"verify", "", "compare the database with the models", &Shell::verify},
        {"schema", "[sql|mermaid|dot]", "the models' schema", &Shell::schema},
        {"format", "table|json", "how rows are shown", &Shell::format},
        {"quit", "", "leave (or Ctrl-D)", &Shell::quit},
        {"exit", "", "the same", &Shell::quit},
    };
    return list;
}

Shell::Shell(Application& application, std::ostream& out, std::ostream& errors) :
    application_(&application),
    out_(&out),
    errors_(&errors) {}

std::string Shell::greeting() const {
    const auto& db = *application_;
    return fmt::format("Mercator shell: {}, {} model{}. 'help' lists what there is; SQL ends with "
                       "a semicolon.\n",
                       application_->db().engine().dialect().name(), db.db().mappers().size(),
                       db.db().mappers().size() == 1 ? "" : "s");
}

bool Shell::take(std::string_view line) {
    if (const auto typed = trimmed(line);
        typed.size() >= 2 && typed.substr(typed.size() - 2) == "\\c") {
        drop_pending();
        return true;
    }
    if (pending_.empty()) {
        const std::string entry(trimmed(line));
        if (entry.empty()) return true;
        try {
            if (run_command(entry)) {
                last_ = entry;
                return true;
            }
        } catch (const std::exception& error) {
            last_ = entry;
            failed_ = true;
            *errors_ << error.what() << '\n';
            return true;
        }
    }
    if (!pending_.empty()) pending_ += '\n';
    pending_ += line;
    auto [statements, rest] = split_statements(pending_);
    if (statements.empty()) return false;
    last_ = std::string(trimmed(std::string_view(pending_).substr(0, pending_.rfind(';') + 1)));
    pending_ = std::move(rest);
    for (const auto& statement : statements) carry_out(statement);
    return true;
}

void Shell::carry_out(const std::string& entry) {
    try {
        run_sql(entry);
    } catch (const std::exception& error) {
        failed_ = true;
        *errors_ << error.what() << '\n';
    }
}

bool Shell::run_command(const std::string& entry) {
    std::string_view text = entry;
    if (text.back() == ';') text.remove_suffix(1);
    Words words = words_of_entry(text);
    if (words.empty()) return true;
    const std::string name = command_name(words.front());
    for (const Command& command : commands()) {
        if (command.name != name) continue;
        words.erase(words.begin());
        (this->*command.run)(words);
        return true;
    }
    if (application_->find_model(words.front()) == nullptr) return false;
    rows(words);
    return true;
}

void Shell::help(const Words& /*words*/) {
    TextTable table({"entry", "what it does"});
    for (const Command& command : commands()) {
        table.add(
            {fmt::format("{} {}", command.name, command.arguments), std::string(command.summary)});
    }
    table.add({"select ...;", "any SQL, over as many lines as it takes"});
    table.add({"\\c", "forget an entry that is half typed"});
    *out_ << table.text();
}

void Shell::tables(const Words& /*words*/) {
    const auto names = application_->db().inspect().table_names();
    for (const auto& name : names) *out_ << name << '\n';
    if (names.empty()) *out_ << "no tables; 'create_all' makes those of the models\n";
}

void Shell::models(const Words& words) {
    if (json_) {
        *out_ << models_as_json(*application_, words).dump(2) << '\n';
    } else {
        *out_ << models_as_text(*application_, words);
    }
}

void Shell::describe(const Words& words) {
    Words tables = words;
    for (auto& word : tables) {
        if (const Mapper* mapper = application_->find_model(word)) word = mapper->table().name;
    }
    if (json_) {
        *out_ << json_text(inspect_as_json(application_->db(), tables)) << '\n';
    } else {
        *out_ << inspect_as_text(application_->db(), tables);
    }
}

const Mapper& Shell::model(const Words& words) const {
    const Mapper* mapper = words.empty() ? nullptr : application_->find_model(words.front());
    if (mapper != nullptr) return *mapper;
    throw UsageError(
        words.empty() ? "which model? 'models' lists them"
                      : fmt::format("there is no model '{}'; 'models' lists them", words.front()),
        words.empty() ? "" : words.front());
}

void Shell::rows(const Words& words) {
    const Mapper& mapper = model(words);
    ast::Select select = select_of(mapper);
    const auto& keys = mapper.primary_key();
    if (words.size() > 1 && words.size() != keys.size() + 1)
        throw UsageError(fmt::format("the key of {} has {} part{}", mapper.class_name(),
                                     keys.size(), keys.size() == 1 ? "" : "s"),
                         words.front());
    for (std::size_t i = 1; i < words.size(); ++i) {
        const ColumnProperty& property = mapper.columns()[keys[i - 1]];
        select.where.push_back(
            ast::binary(ast::Operator::Equal, property.ref,
                        ast::bind(key_value(words[i], property), property.field.type)));
    }
    if (words.size() == 1) select.limit = row_count(rows_shown + 1, "limit");
    TextResult result;
    result.rows = connection().fetch_all(select);
    const bool more = words.size() == 1 && result.rows.size() > rows_shown;
    if (more) result.rows.resize(rows_shown);
    hide_sensitive(mapper, result.rows);
    for (const auto& property : mapper.columns()) result.columns.push_back(property.member);
    print(result);
    if (more && !json_) *out_ << "... and more; 'count' tells how many\n";
}

void Shell::count(const Words& words) {
    ast::Select select;
    const Mapper& mapper = model(words);
    select.from = {mapper.table_ref()};
    select = count_of(select);
    *out_ << cell_text(connection().fetch_all(select).at(0).at(0)) << '\n';
}

void Shell::create(const Words& /*words*/) {
    application_->require_models();
    *out_ << create_all(application_->db(), false);
}

void Shell::drop(const Words& words) {
    application_->require_models();
    if (words != Words{"yes"}) {
        *out_ << drop_all(application_->db(), true) << "'drop_all yes' does it\n";
    } else {
        connection_.reset(); // its open transaction would hold the tables
        *out_ << drop_all(application_->db(), false);
    }
}

void Shell::verify(const Words& /*words*/) {
    const auto differences = application_->db().verify();
    *out_ << (json_ ? differences_as_json(differences) : differences_as_text(differences));
}

void Shell::schema(const Words& words) {
    const std::string form = words.empty() ? "sql" : words.front();
    if (form != "sql" && form != "mermaid" && form != "dot")
        throw UsageError(fmt::format("'{}' is no form of a schema; sql, mermaid and dot are", form),
                         form);
    *out_ << print_schema(application_->db(), form);
}

void Shell::format(const Words& words) {
    if (words != Words{"table"} && words != Words{"json"})
        throw UsageError("rows are shown as 'format table' or 'format json'", "format");
    json_ = words.front() == "json";
}

void Shell::quit(const Words& /*words*/) {
    over_ = true;
}

Connection& Shell::connection() {
    if (!connection_) connection_.emplace(application_->db().engine().connect());
    return *connection_;
}

/// Not every database lets these be prepared, and the connection has to know of them anyhow.
bool Shell::run_transaction_command(const std::string& sql) {
    const std::string words = command_name(sql);
    const auto is = [&](TransactionCommand command) {
        return words == command_name(words_of(command));
    };
    if (is(TransactionCommand::Begin) || words == "start transaction") {
        connection().begin(TransactionMode::Write);
    } else if (is(TransactionCommand::Commit)) {
        connection().commit();
    } else if (is(TransactionCommand::Rollback)) {
        connection().rollback();
    } else {
        return false;
    }
    *out_ << "ok\n";
    return true;
}

void Shell::run_sql(const std::string& sql) {
    if (!run_transaction_command(sql)) print(connection().execute_text(sql));
}

void Shell::print(const TextResult& result) {
    if (json_ && !(result.columns.empty() && result.rows.empty())) {
        *out_ << json_text(rows_as_json(result)) << '\n';
    } else {
        *out_ << rows_as_text(result);
    }
}

std::vector<std::string> Shell::complete(std::string_view beginning) {
    std::set<std::string> found;
    const auto offer = [&](std::string_view word) {
        if (begins_with(word, beginning)) found.emplace(word);
    };
    for (const Command& command : commands()) offer(command.name);
    for (const std::string_view word :
         {"select", "from", "where", "order by", "group by", "insert into", "update", "delete from",
          "join", "limit", "values"})
        offer(word);
    for (const Mapper* mapper : application_->db().mappers()) {
        offer(mapper->class_name());
        offer(mapper->table().name);
        for (const auto& property : mapper->columns()) offer(property.ref->name);
    }
    try {
        for (const auto& table : application_->db().inspect().table_names()) offer(table);
    } catch (const Error&) { // no help to be had from a database that does not answer
    }
    return {found.begin(), found.end()};
}

int run_shell(Application& application) {
    Shell shell(application, std::cout, std::cerr);
    LineEditor editor([&](std::string_view beginning) { return shell.complete(beginning); });
    if (editor.is_interactive()) std::cout << shell.greeting() << std::flush;
    while (!shell.is_over()) {
        const auto line = editor.read(shell.is_waiting() ? "     ...> " : "mercator> ");
        if (!line) break;
        if (shell.take(*line)) editor.remember(shell.last_entry());
        std::cout.flush();
        if (shell.has_failed() && !editor.is_interactive()) return 1;
    }
    if (shell.is_waiting()) {
        std::cerr << "the last statement has no semicolon, and was not run\n";
        return 1;
    }
    if (editor.is_interactive()) std::cout << '\n';
    return 0;
}

} // namespace mercator::command
