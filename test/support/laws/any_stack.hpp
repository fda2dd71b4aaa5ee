#pragma once

#include "../faulty.hpp"
#include "subject.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

/// Stacks and subjects without their types: a law that is held against these is compiled once, and not for each stack.
namespace laws {

/// A stack whose keys are `Key` and whose values are `Value`.
template <class Key, class Value> class any_stack {
public:
    using keys = std::vector<Key>;
    using entries = std::vector<std::pair<Key, Value>>;

    template <class Stack> explicit any_stack(Stack stack) : on_{std::make_unique<on<Stack>>(std::move(stack))} {}

    template <class> strata::lookup<Value> get(Key const& key) { return on_->get(key); }
    strata::lookup<void> get_to(Key const& key, Value& out) { return on_->get_to(key, out); }
    strata::status put(Key const& key, Value const& value, strata::lifetime ttl = {})
    {
        return on_->put(key, value, ttl);
    }
    strata::status put(Key const& key, Value&& value, strata::lifetime ttl = {})
    {
        return on_->put(key, std::move(value), ttl);
    }
    strata::status add(Key const& key, Value value, strata::lifetime ttl = {})
    {
        return on_->add(key, std::move(value), ttl);
    }
    strata::lookup<void> erase(Key const& key) { return on_->erase(key); }
    strata::lookup<void> contains(Key const& key) { return on_->contains(key); }
    strata::lookup<void> touch(Key const& key, strata::lifetime ttl) { return on_->touch(key, ttl); }
    Value get_or(Key const& key, std::function<Value()> const& make, strata::lifetime ttl = {})
    {
        return on_->get_or(key, make, ttl);
    }
    template <class> std::vector<strata::lookup<Value>> get_many(keys const& many) { return on_->get_many(many); }
    std::vector<strata::status> put_many(entries const& many, strata::lifetime ttl = {})
    {
        return on_->put_many(many, ttl);
    }
    std::vector<strata::lookup<void>> erase_many(keys const& many) { return on_->erase_many(many); }
    strata::status clear() { return on_->clear(); }
    strata::lookup<std::size_t> size() { return on_->size(); }

    /// What steers the stack's `Faulty`, if it has one.
    strata::Faults faults() { return on_->faults(); }

private:
    struct operations {
        virtual ~operations() = default;
        virtual strata::lookup<Value> get(Key const&) = 0;
        virtual strata::lookup<void> get_to(Key const&, Value&) = 0;
        virtual strata::status put(Key const&, Value const&, strata::lifetime) = 0;
        virtual strata::status put(Key const&, Value&&, strata::lifetime) = 0;
        virtual strata::status add(Key const&, Value&&, strata::lifetime) = 0;
        virtual strata::lookup<void> erase(Key const&) = 0;
        virtual strata::lookup<void> contains(Key const&) = 0;
        virtual strata::lookup<void> touch(Key const&, strata::lifetime) = 0;
        virtual Value get_or(Key const&, std::function<Value()> const&, strata::lifetime) = 0;
        virtual std::vector<strata::lookup<Value>> get_many(keys const&) = 0;
        virtual std::vector<strata::status> put_many(entries const&, strata::lifetime) = 0;
        virtual std::vector<strata::lookup<void>> erase_many(keys const&) = 0;
        virtual strata::status clear() = 0;
        virtual strata::lookup<std::size_t> size() = 0;
        virtual strata::Faults faults() = 0;
    };

    template <class Stack> struct on final : operations {
        explicit on(Stack&& given) : stack{std::move(given)} {}

        strata::lookup<Value> get(Key const& key) override { return stack.template get<Value>(key); }
        strata::lookup<void> get_to(Key const& key, Value& out) override { return stack.get_to(key, out); }
        strata::status put(Key const& key, Value const& value, strata::lifetime ttl) override
        {
            return stack.put(key, value, ttl);
        }
        strata::status put(Key const& key, Value&& value, strata::lifetime ttl) override
        {
            return stack.put(key, std::move(value), ttl);
        }
        strata::status add(Key const& key, Value&& value, strata::lifetime ttl) override
        {
            return stack.add(key, std::move(value), ttl);
        }
        strata::lookup<void> erase(Key const& key) override { return stack.erase(key); }
        strata::lookup<void> contains(Key const& key) override { return stack.contains(key); }
        strata::lookup<void> touch(Key const& key, strata::lifetime ttl) override { return stack.touch(key, ttl); }
        Value get_or(Key const& key, std::function<Value()> const& make, strata::lifetime ttl) override
        {
            return stack.get_or(key, make, ttl);
        }
        std::vector<strata::lookup<Value>> get_many(keys const& many) override
        {
            return stack.template get_many<Value>(many);
        }
        std::vector<strata::status> put_many(entries const& many, strata::lifetime ttl) override
        {
            return stack.put_many(many, ttl);
        }
        std::vector<strata::lookup<void>> erase_many(keys const& many) override { return stack.erase_many(many); }
        strata::status clear() override { return stack.clear(); }
        strata::lookup<std::size_t> size() override { return stack.size(); }
        strata::Faults faults() override
        {
            if constexpr (Stack::describe().find("Faulty") != std::string_view::npos) {
                return stack.template layer<strata::Faulty>().faults();
            } else {
                return {};
            }
        }

        Stack stack;
    };

    std::unique_ptr<operations> on_;
};

/// A subject whose stacks are any stacks.
template <class Key, class Value> struct any_subject {
    using key_type = Key;
    using value_type = Value;

    abilities can;

    explicit any_subject(abilities what) : can{what} {}
    virtual ~any_subject() = default;
    [[nodiscard]] virtual any_stack<Key, Value> fresh() = 0;
    [[nodiscard]] virtual any_stack<Key, Value> neighbour() = 0;
    virtual void elapse(std::chrono::milliseconds time) = 0;
    [[nodiscard]] virtual Key key(int n) const = 0;
    [[nodiscard]] virtual Value value(int n) const = 0;
};

/// Whether a subject can make a stack that shares the store of another one, and differs in its prefix.
template <class Subject> concept has_neighbours = requires(Subject subject) { subject.neighbour(); };

/// `Subject` without its type.
template <class Subject, class Base = any_subject<typename Subject::key_type, typename Subject::value_type>>
class without_type final : public Base {
    using stack_type = any_stack<typename Subject::key_type, typename Subject::value_type>;

public:
    explicit without_type(Subject& subject) : Base{subject.can}, subject_{subject} {}

    stack_type fresh() override { return stack_type{subject_.fresh()}; }
    stack_type neighbour() override
    {
        if constexpr (has_neighbours<Subject>) {
            return stack_type{subject_.neighbour()};
        } else {
            return stack_type{subject_.fresh()};
        }
    }
    void elapse(std::chrono::milliseconds time) override { subject_.elapse(time); }
    typename Subject::key_type key(int n) const override { return Subject::key(n); }
    typename Subject::value_type value(int n) const override { return Subject::value(n); }

private:
    Subject& subject_;
};

} // namespace laws
