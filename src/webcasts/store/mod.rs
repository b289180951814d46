//! Webcasts, sessions, registrations and attendance in the database.

mod attendance;
mod filled;
mod guests;
mod held;
mod merging;
mod organizing;
mod pictures;
mod places;
mod presenters;
mod registrations;
mod seats;
mod series;
mod sessions;
mod texts;
mod waiting;
mod webcasts;

/// Registrations that count against the session's capacity, for a WHERE; `row` names theirs. Who asked for the recording
/// afterwards takes no place.
pub(in crate::webcasts) fn takes_a_place(row: &str) -> String {
    format!("({row}.state IN ('registered', 'offered') AND {row}.channel <> 'replay')")
}

/// Those who are awaited in a session, for a WHERE.
pub(in crate::webcasts) fn expected(row: &str) -> String {
    format!("({row}.state = 'registered' AND {row}.channel <> 'replay')")
}

/// Those who are registered, without those of organizers, who try it: what figures count.
pub(in crate::webcasts) fn counts(row: &str) -> String {
    format!("({row}.state = 'registered' AND {row}.channel <> 'replay' AND {row}.is_test = 0)")
}

/// Those who are registered or were, for a WHERE: not those who only waited.
pub(in crate::webcasts) fn came_to_a_place(row: &str) -> String {
    format!(
        "({row}.state IN ('registered', 'cancelled')
          AND ({row}.cancel_reason IS NULL OR {row}.cancel_reason NOT IN ('{NOT_CONFIRMED}', '{GAVE_UP}', '{OFFER_EXPIRED}')))"
    )
}

pub use attendance::{
    Absences, forget_times, mark_attended, next_absences, note_absences, record_join, rewrite_attendance,
    unmark_attended,
};
pub use filled::{form_version, keep_filled};
pub use guests::{
    copy_guests, count_invited, count_turned_away, forget_guest, forget_invited, guest_rule, invite, is_invited,
    pass_on_invitations, put_guest_rule,
};
pub use held::{NOT_CONFIRMED, end_held, forget_networks, give_way, note_beginning, own, places_of_network};
pub use merging::{join_seats, pass_on_seats, seat_of_link};
pub use organizing::{
    correct, count_expected, delete_seats, delete_seats_of, hold_back_again, hold_sessions_of, move_seat, raise_links,
    seats_of_contact,
};
pub use pictures::{copy_picture, delete_picture, forget_picture, picture_jpeg, picture_size, put_picture};
pub use places::{free_place, give_seat_back, take_place, take_place_beyond, take_seat};
pub use presenters::{
    delete_presenter, hold_presenter, insert_presenter, presenter, presenters, put_about, put_speakers, set_picture,
    speakers_of, webcasts_with,
};
pub use registrations::{
    DrawnSeat, Entrant, NewSeat, Seating, apply_edit, begin_replay, cancel, insert_contacts, insert_seats, note_opened,
    note_repeat, note_wanted, release, reopen, was_opened,
};
pub use seats::{registered_before, seat_by_contact, seat_by_public_id, seats_by_ids};
pub use series::{
    adopt_session, airings_of, count_airings, delete_empty_session, hand_over, hold_series, insert_series,
    leave_series, note_made, put_plan, series_of, series_that_go_on, webcast_of_series,
};
pub use sessions::{
    FanOut, NewSession, call_off, fan_out, finish_fan_out, hold_both_sessions, hold_session, insert_fan_out,
    insert_session, move_fan_out, open_doors, raise_sequence, session_by_public_id, sessions_around, sessions_of,
    update_session,
};
pub use texts::{
    VersionedText, change_slug, draft_text, drop_draft_text, hold_webcast, live_text, put_cover, put_draft_text,
    put_text, slug_of_today, was_slug,
};
pub use waiting::{
    GAVE_UP, OFFER_EXPIRED, ended_offers, forget_freed, freed_since, network_of, next_waiting, note_freed, offer_place,
    reject, seat_waiting, sessions_with_queue, wait_again, wait_for_organizer, wait_for_place, waiting_before,
};
pub use webcasts::{
    NewWebcast, delete_draft, insert_webcast, is_confirmation_seen, network_limits, note_confirmation_seen,
    public_webcast, public_webcasts, set_state, slug_of, webcast_by_slug,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webcasts::RegistrationState;

    #[test]
    fn one_list_says_which_registrations_take_a_place() {
        for state in RegistrationState::ALL {
            let is_named = takes_a_place("r").contains(&format!("'{}'", state.as_str()));
            assert_eq!(is_named, state.takes_a_place(), "{state:?}");
        }
    }
}
