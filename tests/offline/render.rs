//! Rendering with the real kubectl, and with programs that misbehave.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use migrate_tui::{
    diff::Problem,
    object::Object,
    plan::{EnvironmentName, Plan, Step},
    render::{Renderer, Rendering, Search, check, load, render},
};

/// Long enough for a program that answers, short enough for one that never does.
const SHORT: Duration = Duration::from_millis(300);

fn program(name: &str) -> Search {
    let folder = Path::new("tests/offline/programs").join(name).canonicalize().unwrap();
    // The fake programs are scripts, which need the real ones behind them.
    Search { path: folder.into_os_string(), time_limit: Duration::from_secs(20) }
}

fn plan() -> Plan {
    load(Path::new("tests/offline/renderings/plan.yaml")).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn step(plan: &Plan, id: &str) -> Step {
    let stages = plan.steps_in(&EnvironmentName("dev".to_owned()));
    stages.into_iter().flat_map(|stage| stage.steps).find(|step| step.path.step == id).unwrap()
}

fn names(objects: &[Object]) -> Vec<String> {
    objects.iter().map(|object| object.key().to_string()).collect()
}

fn said(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

async fn rendered_with(search: &Search, id: &str) -> Result<Vec<Object>, String> {
    let renderer = Renderer::detect_in(search, None).await.unwrap();
    let plan = plan();
    renderer.render(&plan, &step(&plan, id)).await.map_err(|problems| said(&problems))
}

#[tokio::test]
async fn a_rehearsal_s_programs_are_found_after_the_operator_s() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = Renderer::detect(None).await.unwrap().program;
    let ours = folder.path().join(theirs.file_name().unwrap());
    std::os::unix::fs::symlink(&theirs, &ours).unwrap();
    let search = Search::last_in(folder.path());
    assert_eq!(Renderer::detect_in(&search, None).await.unwrap().program, theirs);
    let (_, rest) = search.path.to_str().unwrap().rsplit_once(':').unwrap();
    let only_ours = Search { path: rest.into(), ..search.clone() };
    assert_eq!(Renderer::detect_in(&only_ours, None).await.unwrap().program, ours);
}

#[tokio::test]
async fn the_real_program_renders_an_overlay() {
    let renderer = Renderer::detect(None).await.unwrap();
    assert!(renderer.program.is_absolute());
    assert!(
        renderer.to_string().contains("kustomize v5") || renderer.to_string().contains("kustomize 5"),
        "{renderer}"
    );
    let plan = plan();
    let objects = renderer.render(&plan, &step(&plan, "good")).await.unwrap();
    assert_eq!(names(&objects), ["ConfigMap/good"]);
    assert_eq!(objects[0].namespace(), Some("demo"));
}

#[tokio::test]
async fn a_secrets_text_becomes_data() {
    let objects = rendered_with(&Search::default(), "secret").await.unwrap();
    let token = objects.iter().find(|object| object.name() == "token").unwrap();
    assert!(token.at(&["stringData"]).is_none());
    assert_eq!(token.text(&["data", "password"]), Some("Q0FOQVJZLXRleHQ="));
}

#[tokio::test]
async fn what_does_not_build_is_told_in_kustomizes_own_words() {
    let said = rendered_with(&Search::default(), "bad").await.unwrap_err();
    assert!(said.starts_with("bad: "), "{said}");
    assert!(said.contains("replace operation does not apply") && said.contains("/spec/nowhere"), "{said}");
    assert!(!said.contains(env!("CARGO_MANIFEST_DIR")), "{said}");
}

#[tokio::test]
async fn a_variable_that_a_container_has_twice_is_refused() {
    let plan = plan();
    let none = Problem::new("kubectl", "not here", "install it");
    let problems = render(Err(&none), &plan, &step(&plan, "repeated")).await.unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].subject, "repeated/deployment.yaml, Deployment/web");
    assert!(problems[0].reason.contains("container app has the environment variable MODE twice"));
}

#[tokio::test]
async fn manifests_need_no_program_and_come_in_the_order_of_their_names() {
    let plan = plan();
    let none = Problem::new("kubectl", "not here", "install it");
    let objects = render(Err(&none), &plan, &step(&plan, "lists")).await.unwrap();
    assert_eq!(names(&objects), ["Service/three", "ConfigMap/one", "ConfigMap/two"]);
    assert_eq!(objects[0].at(&["spec", "ports"]).unwrap().to_string(), r#"[{"port":80}]"#);
    assert_eq!(render(Err(&none), &plan, &step(&plan, "good")).await.unwrap_err(), [none]);
}

#[tokio::test]
async fn without_a_program_that_is_said() {
    let search = Search { path: OsString::from("/nonexistent"), time_limit: SHORT };
    let problem = Renderer::detect_in(&search, None).await.unwrap_err();
    assert!(problem.reason.contains("neither kubectl nor kustomize is in PATH"), "{problem}");
    assert!(problem.remedy.contains("1.27"), "{problem}");
    let problem = Renderer::detect_in(&search, Some(Path::new("/nonexistent/kubectl"))).await.unwrap_err();
    assert!(problem.to_string().starts_with("/nonexistent/kubectl: there is no such program"), "{problem}");
}

#[tokio::test]
async fn a_program_that_is_too_old_is_refused_with_its_version() {
    let problem = Renderer::detect_in(&program("too-old"), None).await.unwrap_err();
    assert!(problem.reason.contains("v1.26.15 (kustomize v4.5.7) is too old"), "{problem}");
}

#[tokio::test]
async fn a_kustomize_that_is_new_enough_stands_in_for_an_old_kubectl() {
    let search = program("old-kubectl-new-kustomize");
    let renderer = Renderer::detect_in(&search, None).await.unwrap();
    assert_eq!(renderer.to_string(), "kustomize v5.4.3");
    assert_eq!(names(&rendered_with(&search, "good").await.unwrap()), ["ConfigMap/built-by-build"]);
    let preferred = Path::new(&search.path).join("kubectl");
    let problem = Renderer::detect_in(&search, Some(&preferred)).await.unwrap_err();
    assert!(problem.reason.contains("too old"), "{problem}");
}

#[tokio::test]
async fn a_program_that_is_no_kubectl_is_refused() {
    let problem = Renderer::detect_in(&program("no-kubectl"), None).await.unwrap_err();
    assert!(problem.reason.contains("does not say its version"), "{problem}");
}

#[tokio::test]
async fn a_program_that_hangs_is_stopped() {
    let search = Search { time_limit: SHORT, ..program("hangs") };
    let start = Instant::now();
    let problem = Renderer::detect_in(&search, None).await.unwrap_err();
    assert!(problem.reason.contains("stopped after 0.3 s"), "{problem}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_rendering_that_hangs_is_stopped() {
    // The version must be answered within the same limit, so it is a longer one.
    let search = Search { time_limit: Duration::from_secs(2), ..program("hangs-later") };
    let said = rendered_with(&search, "good").await.unwrap_err();
    assert!(said.contains("stopped after 2 s") && said.contains("nothing was changed"), "{said}");
}

#[tokio::test]
async fn what_is_no_rendering_is_refused() {
    let said = rendered_with(&program("garbage"), "good").await.unwrap_err();
    assert!(said.starts_with("good:"), "{said}");
    let said = rendered_with(&program("silent"), "good").await.unwrap_err();
    assert!(said.contains("ended with exit status: 7"), "{said}");
    let said = rendered_with(&program("endless"), "good").await.unwrap_err();
    assert!(said.contains("larger than 64 MiB"), "{said}");
}

#[tokio::test]
async fn a_secret_that_the_program_quotes_is_hidden() {
    let said = rendered_with(&program("talkative"), "secret").await.unwrap_err();
    assert!(said.contains("cannot make a Secret of these") && said.contains("password: ••••••"), "{said}");
    assert!(!said.contains("CANARY") && !said.contains("Q0FOQVJZ"), "{said}");
}

#[tokio::test]
async fn check_reports_everything_that_rendering_shows() {
    let renderer = Renderer::detect(None).await.unwrap();
    let path = PathBuf::from("tests/offline/renderings/plan.yaml");
    let report = check(&path, Ok(&renderer)).await;
    assert!(!report.is_clean());
    let text = report.to_string();
    for wanted in [
        "dev, one/bad: bad:",
        "container app has the environment variable MODE twice",
        "dev: ConfigMap/good: the steps one/good and one/overlap both hold it",
        "dev one/lists: 3 objects",
        "dev one/bad: does not render",
        "3 errors; rendered with",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["rendering"]["state"], "done");
    assert_eq!(json["problems"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn check_without_a_program_says_what_was_left_out() {
    let none = Problem::new("kubectl", "not here", "install it");
    let report = check(Path::new("plans/phase-2"), Err(&none)).await;
    assert!(report.is_clean(), "{report}");
    let Rendering::Partly { steps, .. } = &report.rendering else { panic!("{report}") };
    assert_eq!(steps.len(), 23, "{report}");
    assert!(report.to_string().contains("kustomize steps not rendered: kubectl: not here"), "{report}");
}

#[tokio::test]
async fn check_of_a_broken_plan_renders_nothing() {
    let none = Problem::new("kubectl", "not here", "install it");
    let report = check(Path::new("tests/offline/plans/invalid/several-at-once"), Err(&none)).await;
    assert!(report.diagnostics.len() > 5);
    assert_eq!(report.rendering, Rendering::NotDone);
    assert!(
        report.to_string().ends_with("9 errors; nothing rendered, because the plan has errors"),
        "{report}"
    );
}

#[tokio::test]
async fn good_plans_render_in_every_environment() {
    let renderer = Renderer::detect(None).await.unwrap();
    let steps = [
        ("plans/phase-2/plan.yaml", 29),
        ("plans/phase-2/plan-as-written.yaml", 6),
        ("tests/offline/plans/valid/everything", 4),
        ("tests/offline/plans/valid/smallest", 0),
    ];
    for (path, wanted) in steps {
        let report = check(Path::new(path), Ok(&renderer)).await;
        assert!(report.is_clean(), "{report}");
        let Rendering::Done { steps, .. } = &report.rendering else { panic!("{report}") };
        assert_eq!(steps.len(), wanted, "{report}");
    }
}
