#pragma once

#include "laws/any_stack.hpp"
#include "laws/batches.hpp"
#include "laws/bytes.hpp"
#include "laws/failures.hpp"
#include "laws/lifetimes.hpp"
#include "laws/scope.hpp"
#include "laws/single.hpp"

#include <string>

/// The laws that every stack keeps, whatever its store and layers. A test makes a subject for the stack and calls
/// `obeys(subject)`.
namespace laws {

/// Runs one law; what fails in it is reported under its name.
template <class Subject, class Law> void hold(char const* name, std::string const& stack, Subject& subject, Law law)
{
    BOOST_TEST_CONTEXT("law: " << name << ", stack: " << stack)
    {
        law(subject);
        BOOST_CHECK_MESSAGE(true, name);
    }
}

#define STRATA_LAW(law) ::laws::hold(#law, stack, subject, [](auto& it) { law(it); })

/// The laws for any keys and values, of stacks without their types.
template <class Key, class Value>
void obey_on_objects(std::string const& stack, any_subject<Key, Value>& subject, bool neighbours, bool failures)
{
    STRATA_LAW(a_miss_is_a_miss);
    STRATA_LAW(what_is_put_is_got);
    STRATA_LAW(a_second_put_replaces);
    STRATA_LAW(get_to_leaves_its_target_unless_it_hits);
    STRATA_LAW(add_stores_only_where_there_is_nothing);
    STRATA_LAW(erase_removes_one_entry);
    STRATA_LAW(get_or_makes_what_is_missing);
    STRATA_LAW(get_or_stores_nothing_when_make_throws);
    STRATA_LAW(get_or_nests);
    STRATA_LAW(lifetimes_end);
    STRATA_LAW(a_put_replaces_the_lifetime);
    STRATA_LAW(touch_gives_a_new_lifetime);
    STRATA_LAW(a_lifetime_is_positive);
    STRATA_LAW(any_positive_duration_is_a_lifetime);
    STRATA_LAW(every_way_to_store_has_a_lifetime);
    STRATA_LAW(batches_equal_singles);
    STRATA_LAW(duplicates_act_in_order);
    STRATA_LAW(an_empty_batch_is_nothing);
    STRATA_LAW(it_acts_like_a_map);
    STRATA_LAW(clear_and_size_keep_their_word);
    if (neighbours) STRATA_LAW(neighbours_do_not_meet);
    if (failures) {
        STRATA_LAW(a_failure_is_a_failure);
        STRATA_LAW(one_failure_in_a_batch_stays_its_own);
        STRATA_LAW(get_or_needs_no_store);
        STRATA_LAW(a_failing_scope_is_a_failure);
    }
}

/// The laws for any keys and values.
template <class Subject> void obeys_on_objects(Subject& subject)
{
    std::string const stack{Subject::stack_type::describe()};
    bool const failures = stack.find("Faulty") != std::string::npos;
    without_type<Subject> any{subject};
    obey_on_objects<typename Subject::key_type, typename Subject::value_type>(stack, any, has_neighbours<Subject>,
                                                                              failures);
    STRATA_LAW(put_takes_values_and_references);
    STRATA_LAW(a_moved_stack_works);
    STRATA_LAW(any_range_is_a_batch);
}

/// The laws of text, of stacks without their types.
inline void obey_on_text(std::string const& stack, any_subject<std::string, std::string>& subject)
{
    STRATA_LAW(any_bytes_are_a_key);
    STRATA_LAW(any_bytes_are_a_value);
    STRATA_LAW(values_have_any_length);
}

/// All laws, for a stack that takes text.
template <class Subject> void obeys(Subject subject)
{
    obeys_on_objects(subject);
    std::string const stack{Subject::stack_type::describe()};
    without_type<Subject> any{subject};
    obey_on_text(stack, any);
    STRATA_LAW(typed_keys_are_unambiguous);
    STRATA_LAW(text_of_any_kind_is_taken);
}

#undef STRATA_LAW

} // namespace laws
