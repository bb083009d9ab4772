use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;

use super::{Deploy, Image, generate, lint};
use crate::plan::node::parse;

fn image(service: &str) -> Image {
    Image {
        name: format!("ghcr.io/acme/{service}"),
        context: format!("services/{service}"),
        ..Image::default()
    }
}

fn deploy() -> Deploy {
    Deploy {
        images: vec![image("web"), image("worker")],
        overlays: "kubernetes/overlays".into(),
        environments: ["dev", "staging", "prod"].map(str::to_owned).to_vec(),
        on_push: "staging".into(),
        namespace: "shop".into(),
        workloads: vec!["deployment/web".into(), "statefulset/db".into()],
    }
}

fn found(text: &str) -> Vec<String> {
    lint(Path::new("deploy.yml"), text).iter().map(ToString::to_string).collect()
}

#[test]
fn a_stack_with_every_sort_of_build_gets_a_workflow_without_a_fault() {
    let mut deploy = deploy();
    deploy.images[0].dockerfile = Some("services/web/prod.Dockerfile".into());
    deploy.images[0].target = Some("runtime".into());
    deploy.images[0].platforms = vec!["linux/amd64".into(), "linux/arm64".into()];
    deploy.images[0].args =
        BTreeMap::from([("MODE".into(), Some("prod #1".into())), ("VERSION".into(), None)]);
    insta::assert_snapshot!(generate(&deploy));
    assert_eq!(found(&generate(&deploy)), Vec::<String>::new());
}

#[test]
fn a_stack_that_builds_nothing_is_only_deployed() {
    let text = generate(&Deploy { images: Vec::new(), ..deploy() });
    assert!(!text.contains("docker") && !text.contains("packages") && !text.contains("needs:"), "{text}");
    assert_eq!(found(&text), Vec::<String>::new());
}

#[test]
fn more_images_than_a_matrix_takes_are_built_by_several_jobs() {
    let image = |number: usize| Image {
        name: format!("ghcr.io/acme/s{number}"),
        context: ".".into(),
        ..Image::default()
    };
    let text = generate(&Deploy { images: (0..600).map(image).collect(), ..deploy() });
    assert_eq!(text.matches("matrix:\n").count(), 3);
    assert!(text.contains("    needs: [build, build-2, build-3]\n"), "{text}");
    assert_eq!(found(&text), Vec::<String>::new());
}

proptest! {
    /// Whatever a stack calls its things, the workflow is one, means what is meant, and runs nothing of theirs.
    #[test]
    fn names_stay_texts(name in "\\PC{1,12}|\\$\\{\\{ secrets.A \\}\\}|true|'; x", value in "\\PC{0,12}|\\$\\{\\{ a \\}\\}") {
        let mut deploy = deploy();
        deploy.images[0].context.clone_from(&name);
        deploy.images[0].args.insert("A".into(), Some(value.clone()));
        deploy.environments.push(name.clone());
        let text = generate(&deploy);
        let root = parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let at = |path: &[&str]| {
            path.iter().try_fold(&root, |item, key| item.value.get(key)).unwrap().value.clone()
        };
        let environments = at(&["on", "workflow_dispatch", "inputs", "environment", "options"]);
        let read = environments.items()[3].value.text().unwrap().replace("${{ '${{' }}", "${{");
        prop_assert_eq!(read, name);
        let build = at(&["jobs", "build", "strategy", "matrix", "include"]);
        let args = build.items()[0].value.get("args").unwrap().value.text().unwrap().to_owned();
        prop_assert_eq!(args.replace("${{ '${{' }}", "${{"), format!("A={value}"));
    }
}
