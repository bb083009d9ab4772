//! Plans from the disk: the shipped one, and folders of good and bad ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use migrate_tui::{
    plan::{Action, EnvironmentName, Plan},
    render::load,
};

const PLANS: &str = "tests/offline/plans";
const SHIPPED: &str = "plans/phase-2/plan.yaml";

/// Tests run in the package's folder, so relative paths keep the snapshots the same everywhere.
fn folders(sort: &str) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(Path::new(PLANS).join(sort))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("plan.yaml").exists())
        .collect();
    folders.sort();
    folders
}

fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plans/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn every_bad_plan_is_refused_with_all_its_errors() {
    let folders = folders("invalid");
    assert!(folders.len() > 15, "{folders:?}");
    snapshots().bind(|| {
        for folder in folders {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let diagnostics = load(&folder.join("plan.yaml")).expect_err(&name);
            let report: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
            let report = report.join("\n\n");
            assert!(!report.contains("CANARY"), "{report}");
            insta::assert_snapshot!(name, report);
        }
    });
}

#[test]
fn good_plans_are_loaded() {
    for folder in folders("valid") {
        let plan = load(&folder).unwrap_or_else(|errors| panic!("{}: {errors:#?}", folder.display()));
        assert_eq!(plan.folder, folder.canonicalize().unwrap());
        assert_eq!(plan.digest.len(), 64);
    }
}

#[test]
fn an_environments_steps_have_its_values_filled_in() {
    let plan = load(&Path::new(PLANS).join("valid/everything/plan.yaml")).unwrap();
    snapshots().bind(|| {
        for environment in ["dev", "prod"] {
            let stages = plan.steps_in(&EnvironmentName(environment.to_owned()));
            insta::assert_debug_snapshot!(format!("everything-in-{environment}"), stages);
        }
    });
    assert_eq!(plan.steps_in(&EnvironmentName("nowhere".to_owned())), []);
}

#[test]
fn a_plan_that_is_not_there_is_an_error_and_so_is_one_that_never_ends() {
    let missing = load(Path::new("tests/offline/plans/nowhere.yaml")).unwrap_err();
    assert!(missing[0].message.contains("cannot be read"), "{missing:?}");
    let device = load(Path::new("/dev/zero")).unwrap_err();
    assert!(device[0].message.contains("no regular file"), "{device:?}");
}

#[test]
fn the_shipped_plan_has_four_weeks_and_three_environments() {
    let plan = load(Path::new(SHIPPED)).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let stages: Vec<&str> = plan.stages.iter().map(|stage| stage.id.0.as_str()).collect();
    assert_eq!(stages, ["week-1", "week-2", "week-3", "week-4"]);
    let environments: Vec<&str> = plan.environments.iter().map(|one| one.name.0.as_str()).collect();
    assert_eq!(environments, ["dev", "staging", "prod"]);
    assert!(
        fs::read_to_string(SHIPPED)
            .unwrap()
            .starts_with("# yaml-language-server: $schema=../plan.schema.json\n")
    );
    for environment in &plan.environments {
        assert!(nothing_is_left_unfilled(&plan, &environment.name));
    }
}

fn nothing_is_left_unfilled(plan: &Plan, environment: &EnvironmentName) -> bool {
    let steps: Vec<_> = plan.steps_in(environment).into_iter().flat_map(|stage| stage.steps).collect();
    steps.iter().any(|step| matches!(step.action, Action::Kustomize { .. }))
        && !format!("{steps:?}").replace("${{", "").contains("${")
}

#[test]
fn the_shipped_plan_and_the_good_ones_agree_with_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string("plans/plan.schema.json").unwrap()).unwrap();
    let mut files: Vec<PathBuf> = folders("valid").iter().map(|folder| folder.join("plan.yaml")).collect();
    files.extend([SHIPPED.into(), "plans/phase-2/plan-as-written.yaml".into()]);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let plan: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(crate::schema::errors(&schema, &plan), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string("plans/plan.schema.json").unwrap()).unwrap();
    for name in [
        "unknown-fields",
        "empty-lists",
        "missing-fields",
        "wrong-types",
        "bad-names",
        "bad-gates",
        "bad-charts",
        "bad-requests",
    ] {
        let text = fs::read_to_string(Path::new(PLANS).join("invalid").join(name).join("plan.yaml")).unwrap();
        let plan: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert!(!crate::schema::errors(&schema, &plan).is_empty(), "{name}");
    }
}

/// Whatever a slip of the hand does to a plan, it is read or refused with a reason, never a panic.
#[test]
fn a_plan_with_a_line_lost_or_cut_is_read_or_refused() {
    let text = fs::read_to_string(SHIPPED).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut refused = 0;
    for index in 0..lines.len() {
        let mut changed = lines.clone();
        let line = lines[index];
        match index % 3 {
            0 => drop(changed.remove(index)),
            1 => changed[index] = line.get(..line.len() / 2).unwrap_or_default(),
            _ => changed[index] = "  - x: [",
        }
        if let Err(errors) = Plan::parse(&changed.join("\n"), Path::new("plan.yaml"), PathBuf::new()) {
            assert!(!errors.is_empty(), "line {}", index + 1);
            refused += 1;
        }
    }
    assert!(refused > lines.len() / 3, "{refused} of {} changes were refused", lines.len());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[-a-z${}\\[\\]:,\"'&*|> \n]{0,200}") {
        if let Err(errors) = Plan::parse(&text, Path::new("plan.yaml"), PathBuf::new()) {
            proptest::prop_assert!(!errors.is_empty());
        }
    }
}

#[test]
fn a_bomb_of_aliases_is_refused_at_once() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb = format!("{bomb}a{level}: &a{level} [{below}]\n");
    }
    let wide = format!("a: &a {}\nb: [{}*a]\n", "x".repeat(100_000), "*a, ".repeat(19_000));
    for (text, told) in [(bomb, "unfold into more than 10000 values"), (wide, "too large")] {
        let quickest = (0..3).map(|_| {
            let begun = std::time::Instant::now();
            let refused = Plan::parse(&text, Path::new("plan.yaml"), PathBuf::new()).unwrap_err();
            assert!(refused[0].message.contains(told), "{refused:?}");
            begun.elapsed()
        });
        // Unoptimised, on a machine that is busy with other tests.
        let took = quickest.min().unwrap();
        assert!(took.as_millis() < 1000, "{told}: {took:?}");
    }
}

#[test]
fn the_example_in_the_guide_is_a_plan() {
    let guide = fs::read_to_string("plans/README.md").unwrap();
    let (_, rest) = guide.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("\n```").unwrap();
    let plan = Plan::parse(example, Path::new("plans/README.md"), PathBuf::new());
    let plan = plan.unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.environments.len(), 2);
    assert_eq!(plan.stages[0].steps.len(), 5);
}
