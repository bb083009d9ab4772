use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    Action, Fingerprint, Found, Journal, Proposal, Record, RelativePath, Tree, Write, finish, propose,
    take_back,
};
use crate::diff::Problem;

/// A repository in memory: what the disk would hold.
#[derive(Clone, Debug, Default, PartialEq)]
struct Disk {
    files: BTreeMap<RelativePath, String>,
    record: Record,
}

fn path(text: &str) -> RelativePath {
    text.parse().unwrap()
}

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned()))).unwrap()
}

impl Disk {
    fn found(&self) -> BTreeMap<RelativePath, Found> {
        let found = |text: &String| Found::File {
            fingerprint: Fingerprint::of(text.as_bytes()),
            text: Some(text.clone()),
        };
        self.files.iter().map(|(path, text)| (path.clone(), found(text))).collect()
    }

    fn proposal(&self, wanted: &Tree) -> Proposal {
        propose(wanted, &self.record, &self.found())
    }

    fn actions(&self, wanted: &Tree) -> Vec<(String, Action)> {
        self.proposal(wanted).rows.iter().map(|row| (row.path.to_string(), row.action)).collect()
    }

    /// Does the first `many` writes, and the record when that is all.
    fn perform(&mut self, proposal: &Proposal, many: usize) {
        let writes = proposal.rows.iter().filter_map(|row| Some((&row.path, row.write.as_ref()?)));
        for (path, write) in writes.take(many) {
            match write {
                Write::Put(text) => drop(self.files.insert(path.clone(), text.clone())),
                Write::Remove => drop(self.files.remove(path)),
            }
        }
        if many == usize::MAX {
            self.record = proposal.record.clone();
        }
    }

    fn init(&mut self, wanted: &Tree) -> Journal {
        let proposal = self.proposal(wanted);
        let journal = Journal::of(&proposal, &self.record, Vec::new());
        self.perform(&proposal, usize::MAX);
        journal
    }

    fn edit(&mut self, name: &str, text: &str) {
        self.files.insert(path(name), text.to_owned());
    }
}

#[test]
fn each_file_meets_its_own_fate() {
    let mut disk = Disk::default();
    let first = [("edited", "1"), ("gone", "1"), ("grown", "1"), ("left", "1"), ("old", "1"), ("same", "1")];
    disk.init(&tree(&first));
    disk.edit("edited", "mine");
    disk.edit("left", "mine");
    disk.edit("mine", "mine");
    disk.files.remove(&path("gone"));
    let wanted =
        tree(&[("edited", "2"), ("gone", "2"), ("grown", "2"), ("mine", "2"), ("new", "2"), ("same", "1")]);
    let expected = [
        ("edited", Action::Edited),
        ("edited.new", Action::Create),
        ("gone", Action::Removed),
        ("grown", Action::Update),
        ("left", Action::Left),
        ("mine", Action::InTheWay),
        ("mine.new", Action::Create),
        ("new", Action::Create),
        ("old", Action::Delete),
        ("same", Action::Same),
    ];
    assert_eq!(disk.actions(&wanted), expected.map(|(path, action)| (path.to_owned(), action)));
    let proposal = disk.proposal(&wanted);
    let edited = proposal.rows.iter().find(|row| row.path == path("edited")).unwrap();
    assert!(edited.diff.as_ref().unwrap().contains("-mine"), "theirs against what is wanted: {edited:?}");
    disk.init(&wanted);
    assert_eq!(disk.files[&path("edited")], "mine");
    assert_eq!(disk.files[&path("edited.new")], "2");
    assert!(!disk.proposal(&wanted).has_changes(), "a second init finds nothing to do");
}

#[test]
fn an_edit_without_news_has_nothing_beside_it_and_a_merged_one_loses_it() {
    let mut disk = Disk::default();
    disk.init(&tree(&[("a", "1")]));
    disk.edit("a", "mine");
    assert_eq!(disk.actions(&tree(&[("a", "1")])), [("a".to_owned(), Action::Edited)]);
    let wanted = tree(&[("a", "2")]);
    disk.init(&wanted);
    let mut taken_away = disk.clone();
    taken_away.files.remove(&path("a.new"));
    let seen = [("a".to_owned(), Action::Edited), ("a.new".to_owned(), Action::Removed)];
    assert_eq!(taken_away.actions(&wanted), seen, "the same text is not offered twice");
    assert_eq!(taken_away.actions(&tree(&[("a", "3")]))[1].1, Action::Create, "another one is");
    disk.edit("a", "2");
    let merged = [("a".to_owned(), Action::Adopt), ("a.new".to_owned(), Action::Delete)];
    assert_eq!(disk.actions(&wanted), merged);
    let mut edited = disk.clone();
    edited.edit("a", "mine");
    edited.edit("a.new", "half merged");
    assert_eq!(edited.actions(&tree(&[("a", "3")]))[1].1, Action::InTheWay);
}

#[test]
fn a_folder_in_the_place_of_a_wanted_file_stops_everything() {
    let blocked = Found::Blocked(Problem::new("a", "it is a folder", "move it away"));
    let found = BTreeMap::from([(path("a"), blocked)]);
    assert_eq!(propose(&tree(&[("a", "1"), ("b", "1")]), &Record::default(), &found).problems.len(), 1);
}

#[test]
fn the_digest_moves_with_what_is_there() {
    let mut disk = Disk::default();
    let wanted = tree(&[("a", "1"), ("b", "1")]);
    let digest = disk.proposal(&wanted).digest();
    assert_eq!(digest, disk.proposal(&wanted).digest());
    disk.edit("b", "mine");
    assert_ne!(digest, disk.proposal(&wanted).digest());
}

#[test]
fn what_was_edited_since_is_left_by_the_way_back() {
    let mut disk = Disk::default();
    disk.init(&tree(&[("a", "1"), ("b", "1"), ("old", "1")]));
    let before = disk.clone();
    let journal = disk.init(&tree(&[("a", "2"), ("b", "2"), ("new", "2")]));
    disk.edit("b", "mine");
    let back = take_back(&journal, &disk.record, &disk.found());
    let kept: Vec<_> = back.kept().map(|row| row.path.as_str()).collect();
    assert_eq!(kept, ["b"]);
    disk.perform(&back, usize::MAX);
    let mut expected = before;
    expected.edit("b", "mine");
    expected.record.set(&path("b"), Some(&Fingerprint::of(b"2")));
    assert_eq!(disk, expected);
}

fn files() -> impl Strategy<Value = BTreeMap<&'static str, &'static str>> {
    let names = prop::sample::select(vec!["a", "b/c", "b/d", "e", "f/g/h"]);
    prop::collection::btree_map(names, prop::sample::select(vec!["1", "2", "3"]), 0..5)
}

fn of(files: &BTreeMap<&'static str, &'static str>) -> Tree {
    tree(&files.iter().map(|(path, text)| (*path, *text)).collect::<Vec<_>>())
}

proptest! {
    /// Whatever was there and wherever it stops, nothing that someone edited is lost, and there is a way to either end.
    #[test]
    fn an_init_that_stops_anywhere_can_be_finished_and_taken_back(
        first in files(), edits in files(), second in files(), stop in 0usize..8,
        gone in prop::sample::subsequence(vec!["a", "b/c", "b/d", "e", "f/g/h"], 0..3),
    ) {
        let mut disk = Disk::default();
        disk.init(&of(&first));
        for (path, text) in &edits {
            disk.edit(path, text);
        }
        disk.files.retain(|path, _| !gone.contains(&path.as_str()));
        let before = disk.clone();
        let proposal = disk.proposal(&of(&second));
        for (path, text) in &edits {
            if first.get(path) != Some(text) && !gone.contains(path) {
                let row = proposal.rows.iter().find(|row| row.path.as_str() == *path);
                prop_assert!(row.is_none_or(|row| row.write.is_none()), "{path} is someone's: {row:?}");
            }
        }
        let journal = Journal::of(&proposal, &disk.record, Vec::new());
        let mut whole = before.clone();
        whole.perform(&proposal, usize::MAX);
        disk.perform(&proposal, stop);
        let mut finished = disk.clone();
        let rest = finish(&journal, &disk.record, &disk.found());
        finished.perform(&rest, usize::MAX);
        prop_assert_eq!(&finished, &whole);
        let back = take_back(&journal, &disk.record, &disk.found());
        disk.perform(&back, usize::MAX);
        prop_assert_eq!(&disk, &before);
        prop_assert!(!whole.proposal(&of(&second)).has_changes());
    }
}
