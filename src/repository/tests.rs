use std::{fs, os::unix::fs::symlink, path::Path};

use tempfile::TempDir;

use super::{Repository, RepositoryError, Task};
use crate::scaffold::{Action, Proposal, Tree};

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned()))).unwrap()
}

fn open(folder: &TempDir) -> Repository {
    Repository::open(folder.path()).unwrap()
}

/// Shows and confirms.
fn done(folder: &TempDir, task: Task<'_>) -> Result<Proposal, RepositoryError> {
    let digest = open(folder).propose(task)?.digest();
    open(folder).perform(task, &digest.0)
}

/// Every file and folder below, but for Git's; files with their texts.
fn below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() && !path.is_symlink() {
                found.push(format!("{name}/"));
                open.push(path);
            } else {
                found.push(format!("{name}={}", fs::read_to_string(path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

fn problems(folder: &TempDir, files: &[(&str, &str)]) -> Vec<String> {
    let proposal = open(folder).propose(Task::Init(&tree(files))).unwrap();
    proposal.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn an_init_is_written_and_taken_back_to_the_last_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("compose.yml"), "services: {}\n").unwrap();
    let before = below(folder.path());
    let first = tree(&[("base/a.yml", "1\n"), ("base/b.yml", "1\n"), ("empty/c.yml", "1\n")]);
    done(&folder, Task::Init(&first)).unwrap();
    let after_first = below(folder.path());
    assert!(after_first.contains(&"base/a.yml=1\n".to_owned()), "{after_first:?}");
    assert!(!after_first.iter().any(|name| name.contains(".migrate-tui=")), "nothing is left beside");
    done(&folder, Task::Init(&tree(&[("base/a.yml", "2\n"), ("deep/er/d.yml", "1\n")]))).unwrap();
    let names = below(folder.path());
    assert!(names.contains(&"deep/er/d.yml=1\n".to_owned()), "{names:?}");
    assert!(
        !names.contains(&"base/b.yml=1\n".to_owned()) && !names.contains(&"empty/".to_owned()),
        "{names:?}"
    );
    done(&folder, Task::Rollback).unwrap();
    assert_eq!(below(folder.path()), after_first, "to the first init");
    done(&folder, Task::Rollback).unwrap();
    assert_eq!(below(folder.path()), before, "to nothing at all");
    assert!(matches!(open(&folder).propose(Task::Rollback), Err(RepositoryError::Problem(_))));
}

#[test]
fn an_edited_file_survives_and_so_does_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    done(&folder, Task::Init(&tree(&[("a", "1"), ("b", "1")]))).unwrap();
    fs::write(at("a"), "mine").unwrap();
    fs::set_permissions(at("b"), fs::Permissions::from_mode(0o640)).unwrap();
    done(&folder, Task::Init(&tree(&[("a", "2"), ("b", "2")]))).unwrap();
    let text = |name: &str| fs::read_to_string(at(name)).unwrap();
    assert_eq!((text("a"), text("a.new"), text("b")), ("mine".into(), "2".into(), "2".into()));
    assert_eq!(fs::metadata(at("b")).unwrap().permissions().mode() & 0o777, 0o640);
    fs::write(at("b"), "mine too").unwrap();
    let back = done(&folder, Task::Rollback).unwrap();
    assert_eq!(
        back.kept().map(|row| (row.path.as_str(), row.action)).collect::<Vec<_>>(),
        [("b", Action::Edited)]
    );
    assert_eq!((text("a"), text("b")), ("mine".into(), "mine too".into()));
    assert!(!at("a.new").exists());
}

#[test]
fn nothing_is_written_through_a_link_or_over_a_folder() {
    let outside = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink(outside.path(), at("base")).unwrap();
    symlink(outside.path().join("x"), at("plan.yaml")).unwrap();
    fs::create_dir(at("README.md")).unwrap();
    fs::write(at("overlays"), "a file").unwrap();
    let files = [("README.md", "1"), ("base/a.yml", "1"), ("overlays/x.yml", "1"), ("plan.yaml", "1")];
    let found = problems(&folder, &files);
    assert_eq!(
        found,
        [
            "README.md: it is a folder, and a file is to be written there; move it away, then repeat",
            "base: it is a symbolic link, and nothing is written through one; put a folder there, or choose another root with --into",
            "overlays: it is no folder, and files are to be written into it; move it away, then repeat",
            "plan.yaml: it is a symbolic link, and a file is to be written there; move it away, then repeat",
        ]
    );
    let wanted = tree(&files);
    assert!(
        matches!(done(&folder, Task::Init(&wanted)), Err(RepositoryError::Refused(problems)) if problems.len() == 4)
    );
    assert!(!at(".migrate-tui").exists() && below(outside.path()).is_empty());
    fs::remove_file(at("base")).unwrap();
    symlink(outside.path(), at(".migrate-tui")).unwrap();
    assert!(
        matches!(Repository::open(folder.path()), Err(RepositoryError::Problem(_))),
        "its own folder neither"
    );
}

#[test]
fn names_that_differ_by_case_alone_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("Base")).unwrap();
    fs::write(folder.path().join("ReadMe.md"), "mine").unwrap();
    let found = problems(&folder, &[("README.md", "1"), ("base/a.yml", "1")]);
    assert!(found.len() == 2 && found[0].contains("ReadMe.md is there"), "{found:?}");
}

#[test]
fn what_moved_since_it_was_shown_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = tree(&[("a", "1"), ("b/c", "1")]);
    let digest = open(&folder).propose(Task::Init(&wanted)).unwrap().digest();
    fs::write(folder.path().join("a"), "mine").unwrap();
    let before = below(folder.path());
    let moved = open(&folder).perform(Task::Init(&wanted), &digest.0);
    assert!(matches!(moved, Err(RepositoryError::Moved)), "{moved:?}");
    assert_eq!(below(folder.path()), before);
    let short = open(&folder).perform(Task::Init(&wanted), digest.0.get(..11).unwrap());
    assert!(matches!(short, Err(RepositoryError::Moved)), "eleven digits are no approval");
}

#[test]
fn what_appears_while_files_are_put_in_their_places_stays_and_the_rest_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = tree(&[("a", "1"), ("b/c", "1"), ("d", "1")]);
    let mut repository = open(&folder);
    let proposal = repository.propose(Task::Init(&wanted)).unwrap();
    let folders = super::write::missing_folders(&repository.root, &proposal);
    let journal = crate::scaffold::Journal::of(&proposal, repository.record(), folders);
    repository.state.begin(&repository.root, &journal).unwrap();
    super::write::stage(&repository.root, &proposal).unwrap();
    let mut before = 0;
    let appear = || {
        before += 1;
        if before == 3 {
            fs::write(folder.path().join("d"), "mine").unwrap();
        }
    };
    let failure = super::write::place(&repository.root, &proposal, appear).unwrap_err();
    assert!(matches!(failure, RepositoryError::Moved));
    let failure = repository.undone(Task::Init(&wanted), &journal, failure);
    assert!(matches!(failure, RepositoryError::Moved), "{failure}");
    assert_eq!(below(folder.path()), ["d=mine"]);
}

#[test]
fn one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = tree(&[("a", "1")]);
    let mut first = open(&folder);
    let digest = first.propose(Task::Init(&wanted)).unwrap().digest();
    first.perform(Task::Init(&wanted), &digest.0).unwrap();
    let second = open(&folder).perform(Task::Rollback, &digest.0);
    assert!(matches!(second, Err(RepositoryError::Busy(_))), "{second:?}");
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    done(&folder, Task::Init(&tree(&[("a", "1")]))).unwrap();
    for text in
        ["<<<<<<< HEAD\n{}", r#"{"version":9,"files":{}}"#, r#"{"version":1,"files":{"../../x":"00"}}"#]
    {
        fs::write(folder.path().join(".migrate-tui/init.json"), text).unwrap();
        let Err(RepositoryError::Problem(problem)) = Repository::open(folder.path()) else {
            panic!("{text}")
        };
        assert!(problem.subject.contains("init.json"), "{problem}");
    }
}

#[test]
fn a_record_without_this_machines_journals_is_enough_to_tell_an_edit() {
    let folder = tempfile::tempdir().unwrap();
    done(&folder, Task::Init(&tree(&[("a", "1"), ("b", "1")]))).unwrap();
    fs::remove_dir_all(folder.path().join(".migrate-tui/init")).unwrap();
    fs::write(folder.path().join("a"), "mine").unwrap();
    let proposal = done(&folder, Task::Init(&tree(&[("a", "2"), ("b", "2")]))).unwrap();
    let actions: Vec<_> = proposal.rows.iter().map(|row| row.action).collect();
    assert_eq!(actions, [Action::Edited, Action::Create, Action::Update]);
}
