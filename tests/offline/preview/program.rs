//! The real binary in a pseudo-terminal.

use std::fs;

use portable_pty::CommandBuilder;

use crate::{init::Repository, terminal::Terminal};

/// Values that are secret begin with it.
const CANARY: &str = "canary-7f3a-";

fn open(repository: &Repository, arguments: &[&str], size: (u16, u16)) -> Terminal {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_migrate-tui"));
    command.arg("init");
    command.args(arguments);
    command.cwd(&repository.root);
    command.env_remove("COMPOSE_FILE");
    Terminal::spawn(command, size)
}

fn see(terminal: &Terminal, wanted: &str) {
    terminal.wait(wanted, |screen| {
        let contents = screen.contents();
        assert!(!contents.contains(CANARY), "{contents}");
        contents.contains(wanted)
    });
}

#[test]
fn files_are_written_and_taken_back_by_keys() {
    let repository = Repository::with("02-web-and-db");
    let before = repository.files();
    let mut terminal = open(&repository, &[], (80, 24));
    see(&terminal, "files to write");
    terminal.send("2");
    see(&terminal, "[Keys");
    for _ in 0..before["docker-compose.yml"].lines().count() {
        terminal.send("j");
    }
    terminal.send("f");
    see(&terminal, "┗ not mapped");
    terminal.send("3/web-dep\r");
    see(&terminal, "web-deployment.yml");
    terminal.send("\t");
    see(&terminal, "kind: Deployment");
    assert_eq!(repository.files(), before, "nothing is written yet");
    terminal.send("w");
    see(&terminal, "Write the files?");
    terminal.send("\r");
    terminal.wait("that Cancel has the focus", |screen| !screen.contents().contains("Write the files?"));
    assert_eq!(repository.files(), before);
    terminal.send("w\t\r");
    see(&terminal, "migrate-tui check plan.yaml");
    see(&terminal, "as wanted");
    let written = repository.files();
    assert!(
        written.contains_key("kubernetes/base/web-deployment.yml") && written.contains_key("MIGRATION.md")
    );
    terminal.send("b");
    see(&terminal, "Nothing is taken back yet");
    terminal.send("b");
    see(&terminal, "Take the last init back?");
    terminal.send("\t\r");
    see(&terminal, "✔ taken back");
    see(&terminal, "files to write");
    assert_eq!(repository.files(), before);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.wait_for_restored();
    see(&terminal, "taken back");
}

#[test]
fn files_are_written_by_mouse() {
    let repository = Repository::with("01-one-service");
    let mut terminal = open(&repository, &[], (140, 40));
    see(&terminal, "files to write");
    terminal.click(" Files ", "[Files");
    terminal.click("[ Write ", "Write the files?");
    terminal.click(" files ]", "✔ written");
    assert!(repository.at("plan.yaml").exists());
}

#[test]
fn an_error_is_mended_beside_and_read_again() {
    let repository = Repository::with("01-one-service");
    let name = repository.files().into_keys().find(|name| name.contains("compose")).unwrap();
    let text = fs::read_to_string(repository.at(&name)).unwrap();
    fs::write(repository.at(&name), "services:\n  web:\n    image: nginx:1.29\n    mem_limit: 12 parsecs\n")
        .unwrap();
    let mut terminal = open(&repository, &[], (80, 24));
    see(&terminal, "mem_limit: 12 parsecs");
    see(&terminal, "[Errors 1]");
    terminal.send("w");
    see(&terminal, "mend them and read again");
    fs::write(repository.at(&name), text).unwrap();
    terminal.send("r");
    see(&terminal, "files to write");
}

#[test]
fn what_moved_between_showing_and_confirming_is_not_written() {
    let repository = Repository::with("01-one-service");
    let mut terminal = open(&repository, &[], (80, 24));
    see(&terminal, "files to write");
    terminal.send("w");
    see(&terminal, "Write the files?");
    fs::write(repository.at("plan.yaml"), "name: mine\n").unwrap();
    terminal.send("\t\r");
    see(&terminal, "nothing was written");
    assert!(!repository.at("kubernetes").exists());
    terminal.send("3");
    see(&terminal, "[Files");
    terminal.send("/plan.y\r");
    see(&terminal, "was not written by init, and");
}

#[test]
fn a_kill_is_told_and_finished_or_taken_back() {
    for (keys, told) in [("w\t\r", "✔ written"), ("b", "Nothing is taken back yet")] {
        let repository = Repository::with("01-one-service");
        let before = repository.files();
        let mut terminal = open(&repository, &["--die-before-entry", "4"], (80, 24));
        see(&terminal, "files to write");
        terminal.send("w\t\r");
        assert_ne!(terminal.exit_code(), 0);
        let mut terminal = open(&repository, &[], (80, 24));
        see(&terminal, "An init was interrupted");
        terminal.send(keys);
        see(&terminal, told);
        if keys == "b" {
            terminal.send("b\t\r");
            see(&terminal, "✔ taken back");
            assert_eq!(repository.files(), before);
        } else {
            see(&terminal, "as wanted");
        }
    }
}

#[test]
fn an_edited_file_is_left_alone_after_a_change() {
    let repository = Repository::with("02-web-and-db");
    let mut terminal = open(&repository, &[], (100, 30));
    see(&terminal, "files to write");
    terminal.send("w\t\r");
    see(&terminal, "as wanted");
    let edited = "kubernetes/base/web-deployment.yml";
    let mine = format!("{}# mine\n", repository.files()[edited]);
    fs::write(repository.at(edited), &mine).unwrap();
    let compose = repository.files()["docker-compose.yml"].replace("3000:3000", "3000:3001");
    fs::write(repository.at("docker-compose.yml"), compose).unwrap();
    terminal.send("r");
    see(&terminal, "files to write");
    terminal.send("3/web-deployment.yml\r");
    see(&terminal, "was edited since it was written, and stays");
    see(&terminal, "-# mine");
    terminal.send("w");
    see(&terminal, "1 beside yours");
    see(&terminal, "1 left as yours");
    terminal.send("\t\r");
    see(&terminal, "✔ written");
    assert_eq!(repository.files()[edited], mine);
    assert!(repository.files().contains_key(&format!("{edited}.new")));
}

#[test]
fn read_only_it_offers_no_write() {
    let repository = Repository::with("01-one-service");
    let mut terminal = open(&repository, &["--read-only"], (80, 24));
    see(&terminal, "READ-ONLY");
    see(&terminal, "files to write");
    assert!(!terminal.contents().contains("[ Write"));
    terminal.send("w");
    see(&terminal, "read-only: nothing is written");
    terminal.send("\t\rq");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!repository.at("plan.yaml").exists());
}

#[test]
fn plain_prints_at_a_terminal_too() {
    let repository = Repository::with("01-one-service");
    for arguments in [&["--plain"][..], &["--diff"], &["-o", "text"]] {
        let mut terminal = open(&repository, arguments, (200, 200));
        see(&terminal, "next: migrate-tui init --approve");
        assert_eq!(terminal.exit_code(), 3, "{arguments:?}");
    }
}
