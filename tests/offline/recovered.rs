//! What the cluster's records told, on the screen.

use migrate_tui::{
    app::Message,
    diff::Kind,
    engine::{AttemptNumber, Author, Command, Held, Recorded, Survey},
};

use crate::{fixture, journey::Journey};

#[test]
fn what_another_machine_did_is_shown_with_whence_it_is_known() {
    let mut journey = Journey::new(120, 40);
    let mut found = Recorded {
        step: fixture::path("week-1/overlay"),
        number: AttemptNumber(7),
        kind: Kind::Apply,
        undoes: Vec::new(),
        rows: Vec::new(),
        uids: Vec::new(),
        record: "Secret phase2-staging/migrate-tui-record-7-0123456789".into(),
        author: Some(Author { user: "jo".into(), host: "another".into() }),
        at: Some("2026-11-24T09:00:00Z".parse().unwrap()),
        is_closed: true,
    };
    let survey = |records| Command::Recover(Survey { records, ..Survey::default() });
    journey.obey(survey(vec![found.clone()])).unwrap();
    journey.say(Message::World);
    journey.keys("down down");
    let screen = journey.screen();
    assert_eq!(journey.standing("week-1/overlay"), "done");
    for wanted in ["recovered from the cluster: jo@another", "Show rollback"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }

    (found.number, found.is_closed, found.record) =
        (AttemptNumber(9), false, "Secret phase2-staging/another".into());
    journey.obey(survey(vec![found])).unwrap();
    journey.work();
    journey.say(Message::World);
    let screen = journey.screen();
    for wanted in ["whether somebody is still at it", "Resume", "rollback", "Abandon"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
}

#[test]
fn objects_without_a_record_are_not_passed_over() {
    let mut journey = Journey::new(120, 40);
    let held = Held {
        key: fixture::key("apps", "Deployment", "gateway"),
        step: fixture::path("week-1/overlay"),
        attempt: AttemptNumber(7),
        is_back: false,
    };
    let unreadable = Some("secrets is forbidden".to_owned());
    journey.obey(Command::Recover(Survey { held: vec![held], unreadable, records: Vec::new() })).unwrap();
    journey.say(Message::World);
    journey.keys("down down");
    let screen = journey.screen();
    assert!(screen.contains("week-1/overlay holds 1"), "{screen}");
}
