//! Messages in, state and effects out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::{
    Doing, Finding, Item, Outcome, Preview, PreviewDialogue, PreviewEffect, PreviewFocus, Section, Sight,
    Spot, StandsAt, offered,
};
use crate::{
    app::{Areas, Choice, Control, Message, Mode},
    compose::testing::project_of,
    config::{Action, KeyPress, Screen, Settings},
    import::{Options, import},
    scaffold::{Kind, Record, Summary, Tree, propose},
};

const COMPOSE: &str = "\
x-log: &log
  logging: {driver: json-file}
services:
  web:
    <<: *log
    image: nginx:1.29
    ports: ['8080:80']
    dns: [1.1.1.1]
  worker:
    <<: *log
    image: acme/worker:3
";

fn finding() -> Finding {
    let project = project_of(COMPOSE).project;
    let imported = import(&project, &Options::default()).unwrap();
    let wanted = Tree::new(imported.files).unwrap();
    let proposal = propose(&wanted, &Record::default(), &BTreeMap::new());
    Finding {
        root: "/srv/shop".into(),
        digest: Some(proposal.digest()),
        counts: proposal.summary(),
        files: proposal.rows,
        groups: Finding::group(&imported.gaps),
        gaps: imported.gaps,
        questions: imported.questions,
        wanted,
        read: vec!["compose.yaml".into()],
        ..Finding::default()
    }
}

/// The screen, and what it looks at.
struct Stage {
    app: Preview,
    finding: Finding,
    before: Option<Finding>,
    look: u64,
    doing: Option<Doing>,
    mode: Mode,
    now: Timestamp,
    settings: Settings,
}

impl Stage {
    fn of(finding: Finding) -> Self {
        let mut stage = Self {
            app: Preview::new(),
            finding,
            before: None,
            look: 1,
            doing: None,
            mode: Mode::ReadWrite,
            now: "2026-11-25T02:00:00Z".parse().unwrap(),
            settings: Settings::defaults().unwrap(),
        };
        stage.say(Message::World);
        stage
    }

    fn sight(&self) -> Sight<'_> {
        Sight {
            finding: Some(&self.finding),
            before: self.before.as_ref(),
            look: self.look,
            doing: self.doing,
            since: self.now,
            folder: ".",
            mode: self.mode,
            now: self.now,
        }
    }

    fn say(&mut self, message: Message) -> Vec<PreviewEffect> {
        self.now += SignedDuration::from_secs(1);
        let mut app = std::mem::take(&mut self.app);
        let effects = app.update(&self.sight(), message);
        self.app = app;
        effects
    }

    /// Presses keys as written in the keymap, separated by spaces; the effects of the last.
    fn keys(&mut self, keys: &str) -> Vec<PreviewEffect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let press: KeyPress = key.parse().unwrap();
            let action = self.settings.keymap.resolve(press, Screen::Init);
            effects = self.say(Message::Key { press, action });
        }
        effects
    }

    fn look_again(&mut self, finding: Finding) {
        self.before = Some(std::mem::replace(&mut self.finding, finding));
        self.look += 1;
        self.say(Message::World);
    }

    fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }
}

#[test]
fn a_key_that_an_anchor_gives_to_several_services_is_one_row() {
    let finding = finding();
    let logging: Vec<_> = finding.groups.iter().filter(|group| group.name.contains("logging")).collect();
    assert_eq!(logging.len(), 1, "{logging:?}");
    assert_eq!((logging[0].name.as_str(), logging[0].members.len()), ("logging.driver", 2));
    let members: usize = finding.groups.iter().map(|group| group.members.len()).sum();
    assert_eq!(members, finding.gaps.keys.len(), "nothing disappears");
}

#[test]
fn no_single_key_or_click_writes() {
    let settings = Settings::defaults().unwrap();
    for stands in [StandsAt::Wanted, StandsAt::Interrupted(1, 4), StandsAt::WayBack] {
        for action in Action::ALL {
            for press in settings.keymap.keys_for(action) {
                let mut stage = Stage::of(Finding { stands, can_take_back: true, ..finding() });
                let effects = stage.keys(&press.to_string());
                assert!(
                    !effects.iter().any(|effect| matches!(effect, PreviewEffect::Perform(..))),
                    "{press}"
                );
                // Nor does the Enter that may follow by mistake.
                let effects = stage.keys("enter");
                assert!(
                    !effects.iter().any(|effect| matches!(effect, PreviewEffect::Perform(..))),
                    "{press}"
                );
            }
        }
    }
}

#[test]
fn what_is_confirmed_is_what_was_shown() {
    let mut stage = Stage::of(finding());
    let digest = stage.finding.digest.clone().unwrap();
    assert_eq!(stage.keys("w tab enter"), [PreviewEffect::Perform(Kind::Init, digest.clone())]);
    stage.finding.stands = StandsAt::Interrupted(1, 2);
    assert_eq!(stage.keys("w tab enter"), [PreviewEffect::Perform(Kind::Finish, digest.clone())]);
    stage.finding.stands = StandsAt::WayBack;
    assert_eq!(stage.keys("b tab enter"), [PreviewEffect::Perform(Kind::Rollback, digest)]);
    assert!(stage.keys("w").is_empty() && stage.notice().contains("way back"));
}

#[test]
fn a_look_that_comes_meanwhile_closes_the_question() {
    let mut stage = Stage::of(finding());
    stage.keys("w tab");
    stage.look_again(finding());
    assert!(stage.app.dialogue.is_none() && stage.notice().contains("read again"), "{}", stage.notice());
    assert!(stage.keys("enter").is_empty());
}

#[test]
fn a_watcher_is_offered_no_write() {
    let mut stage = Stage::of(Finding { can_take_back: true, ..finding() });
    stage.mode = Mode::ReadOnly;
    assert_eq!(offered(&stage.sight()), [Action::TakeBack, Action::Reload]);
    assert!(stage.keys("w").is_empty() && stage.app.dialogue.is_none());
    assert!(stage.notice().contains("read-only"), "{}", stage.notice());
    assert_eq!(stage.keys("b"), [PreviewEffect::Look(Kind::Rollback)], "the way back may be looked at");
    stage.finding.stands = StandsAt::WayBack;
    assert!(stage.keys("b").is_empty() && stage.app.dialogue.is_none());
}

#[test]
fn while_something_is_done_nothing_else_is_begun() {
    let mut stage = Stage::of(finding());
    stage.doing = Some(Doing::Performing(Kind::Init));
    for key in ["w", "b", "r", "q"] {
        assert!(stage.keys(key).is_empty(), "{key}");
        assert!(!stage.notice().is_empty(), "{key} says why");
    }
    stage.doing = Some(Doing::Reading);
    assert_eq!(stage.keys("q"), [PreviewEffect::Quit]);
}

#[test]
fn the_chosen_row_is_found_again_after_another_look() {
    let mut stage = Stage::of(finding());
    stage.keys("2 G up up");
    let Some(Item::Decision(index)) = stage.app.chosen() else { panic!("{:?}", stage.app.chosen()) };
    let note = stage.finding.gaps.notes[index].clone();
    let mut shorter = finding();
    shorter.gaps.keys.remove(0);
    shorter.groups = Finding::group(&shorter.gaps);
    stage.look_again(shorter);
    let Some(Item::Decision(index)) = stage.app.chosen() else { panic!("{:?}", stage.app.chosen()) };
    assert_eq!(stage.finding.gaps.notes[index], note);
}

#[test]
fn keys_are_filtered_by_fate_and_by_text() {
    let mut stage = Stage::of(finding());
    stage.keys("2");
    let all = stage.app.rows().len();
    stage.keys("f");
    assert!(stage.app.rows().len() < all);
    let is_not_mapped = |item: &Item| match item {
        Item::Keys(group) => stage.finding.gap(*group).unwrap().fate == crate::import::Fate::NotMapped,
        _ => false,
    };
    assert!(!stage.app.rows().is_empty() && stage.app.rows().iter().all(is_not_mapped));
    stage.keys("f f f f f");
    assert_eq!(stage.app.rows().len(), all);
    stage.keys("/ w o r k e r enter");
    let found = stage.app.rows().len();
    assert!(found > 0 && found < all, "a service of a group is found too");
    assert!(stage.app.rows().iter().any(|item| {
        matches!(item, Item::Keys(group) if stage.finding.groups[*group].name == "logging.driver")
    }));
    stage.keys("esc");
    assert_eq!(stage.app.rows().len(), all);
    stage.keys("/ z z z z");
    assert!(stage.app.rows().is_empty());
    stage.keys("esc 3");
    assert!(!stage.app.rows().is_empty());
}

#[test]
fn it_opens_on_what_needs_a_look() {
    assert_eq!(Stage::of(finding()).app.section, Section::Open);
    let quiet = Finding { questions: Vec::new(), ..finding() };
    assert_eq!(Stage::of(quiet).app.section, Section::Files);
    let mut stage = Stage::of(finding());
    stage.keys("3 down tab");
    let outcome = Outcome {
        kind: Kind::Init,
        summary: "written".into(),
        counts: Summary::default(),
        beside: 0,
        kept: Vec::new(),
        next: vec!["commit them".into()],
    };
    stage.look_again(Finding { outcome: Some(outcome), ..finding() });
    assert_eq!((stage.app.section, stage.app.chosen()), (Section::Open, Some(Item::Done)));
}

#[test]
fn a_click_that_was_meant_for_what_lay_below_confirms_nothing() {
    let mut stage = Stage::of(finding());
    stage.keys("w");
    let mut areas = Areas::default();
    areas.add(Rect::new(0, 0, 10, 1), Spot::Control(Control::Choice(Choice::Go)));
    stage.app.remember(areas);
    let Some(PreviewDialogue::Ask(ask)) = &stage.app.dialogue else { panic!("no question") };
    stage.now = ask.opened - SignedDuration::from_millis(950);
    assert!(stage.say(Message::Click { column: 1, row: 0 }).is_empty());
    assert!(stage.app.dialogue.is_some());
    let effects = stage.say(Message::Click { column: 1, row: 0 });
    assert!(matches!(effects.as_slice(), [PreviewEffect::Perform(Kind::Init, _)]));
}

#[test]
fn tab_goes_around_and_the_button_is_pressed_with_enter() {
    let mut stage = Stage::of(finding());
    stage.keys("tab tab");
    assert_eq!((stage.app.focus, stage.app.button), (PreviewFocus::Buttons, Some(Action::Write)));
    stage.keys("right");
    assert_eq!(stage.app.button, Some(Action::Reload));
    assert_eq!(stage.keys("enter"), [PreviewEffect::Look(Kind::Init)]);
    stage.keys("tab");
    assert_eq!(stage.app.focus, PreviewFocus::List);
    stage.keys("shift-tab shift-tab shift-tab");
    assert_eq!(stage.app.focus, PreviewFocus::List);
}
