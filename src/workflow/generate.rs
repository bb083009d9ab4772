//! A workflow that builds a stack's images, pushes them by commit, and deploys them by digest.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use super::facts::to_write;
use crate::words::harmless_json;

/// What is built and where it is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deploy {
    /// The images that are built; none: nothing is.
    pub images: Vec<Image>,
    /// The folder with an overlay for each environment, as in `kubernetes/overlays`.
    pub overlays: String,
    /// The environments; a push to `main` is deployed to [`Deploy::on_push`].
    pub environments: Vec<String>,
    /// One of them.
    pub on_push: String,
    /// Of the namespaces, as in PREFIX-staging.
    pub namespace: String,
    /// What is waited for, as in `deployment/web`.
    pub workloads: Vec<String>,
}

/// An image that is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// With its registry and without a tag, as in `ghcr.io/acme/web`.
    pub name: String,
    /// The build's folder, relative to the repository's root, or a URL.
    pub context: String,
    /// The Dockerfile, relative to the repository's root; `Dockerfile` in the context when none.
    pub dockerfile: Option<String>,
    /// The stage.
    pub target: Option<String>,
    /// Build arguments; without a value it is the repository's variable of that name. Never a secret: whoever has
    /// the image can read it.
    pub args: BTreeMap<String, Option<String>>,
    /// Platforms, as in `linux/arm64`; the runner's own when none.
    pub platforms: Vec<String>,
}

/// The workflow's text, for `.github/workflows/deploy.yml`.
#[must_use]
pub fn generate(deploy: &Deploy) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write(deploy, &mut text);
    text
}

fn write(deploy: &Deploy, out: &mut String) -> fmt::Result {
    let (on_push, builds) = (literal(&deploy.on_push), !deploy.images.is_empty());
    let environments: Vec<String> = deploy.environments.iter().map(|name| quoted(name)).collect();
    out.push_str("# Pin every action by its commit before use. It needs, in each environment of the repository, the secret\n");
    out.push_str("# KUBECONFIG: a kubeconfig that may apply to that environment's namespace.\n");
    out.push_str("name: deploy\non:\n  push:\n    branches: [main]\n  workflow_dispatch:\n    inputs:\n");
    out.push_str("      environment:\n        description: Where to\n        type: choice\n");
    writeln!(out, "        options: [{}]", environments.join(", "))?;
    writeln!(out, "        default: {}\n", quoted(&deploy.on_push))?;
    out.push_str("permissions:\n  contents: read\n");
    if builds {
        out.push_str("  packages: write\n");
    }
    out.push_str(
        "\n# One deployment at a time in an environment; a running one is never cut off half-way.\n",
    );
    writeln!(
        out,
        "concurrency:\n  group: deploy-${{{{ inputs.environment || {on_push} }}}}\n  cancel-in-progress: false\n"
    )?;
    writeln!(out, "env:\n  ENVIRONMENT: ${{{{ inputs.environment || {on_push} }}}}\n\njobs:")?;
    for (index, images) in deploy.images.chunks(MOST_JOBS).enumerate() {
        write_build(&job(index), images, out)?;
    }
    write_deploy(deploy, &on_push, out)
}

/// GitHub refuses a matrix of more jobs.
const MOST_JOBS: usize = 256;

/// The name of one of the jobs that build.
fn job(index: usize) -> String {
    if index == 0 { "build".to_owned() } else { format!("build-{}", index + 1) }
}

fn write_build(job: &str, images: &[Image], out: &mut String) -> fmt::Result {
    writeln!(out, "  {job}:")?;
    out.push_str("    runs-on: ubuntu-latest\n    timeout-minutes: 60\n    strategy:\n      matrix:\n        include:\n");
    let has_platforms = images.iter().any(|image| !image.platforms.is_empty());
    for image in images {
        writeln!(out, "          - image: {}", quoted(&image.name))?;
        writeln!(out, "            context: {}", quoted(&image.context))?;
        for (key, value) in [("file", &image.dockerfile), ("target", &image.target)] {
            if let Some(value) = value {
                writeln!(out, "            {key}: {}", quoted(value))?;
            }
        }
        if !image.platforms.is_empty() {
            writeln!(out, "            platforms: {}", quoted(&image.platforms.join(",")))?;
        }
        if !image.args.is_empty() {
            writeln!(out, "            args: {}", arguments(&image.args))?;
        }
    }
    out.push_str("    steps:\n");
    writeln!(out, "      - uses: {}", to_write("actions/checkout"))?;
    if has_platforms {
        writeln!(out, "      - uses: {}", to_write("docker/setup-qemu-action"))?;
    }
    writeln!(out, "      - uses: {}", to_write("docker/setup-buildx-action"))?;
    write_login(images, out)?;
    writeln!(out, "      - uses: {}", to_write("docker/build-push-action"))?;
    out.push_str("        with:\n          context: ${{ matrix.context }}\n");
    for (key, from, is_used) in [
        ("file", "file", images.iter().any(|image| image.dockerfile.is_some())),
        ("target", "target", images.iter().any(|image| image.target.is_some())),
        ("platforms", "platforms", has_platforms),
        ("build-args", "args", images.iter().any(|image| !image.args.is_empty())),
    ] {
        if is_used {
            writeln!(out, "          {key}: ${{{{ matrix.{from} }}}}")?;
        }
    }
    out.push_str("          push: true\n          tags: ${{ matrix.image }}:${{ github.sha }}\n\n");
    Ok(())
}

fn write_deploy(deploy: &Deploy, on_push: &str, out: &mut String) -> fmt::Result {
    out.push_str("  deploy:\n");
    if !deploy.images.is_empty() {
        let jobs: Vec<String> = (0..deploy.images.len().div_ceil(MOST_JOBS)).map(job).collect();
        let jobs = if let [one] = jobs.as_slice() { one.clone() } else { format!("[{}]", jobs.join(", ")) };
        writeln!(out, "    needs: {jobs}")?;
    }
    out.push_str("    runs-on: ubuntu-latest\n");
    writeln!(
        out,
        "    environment: ${{{{ inputs.environment || {on_push} }}}}\n    timeout-minutes: 60\n    steps:"
    )?;
    writeln!(out, "      - uses: {}", to_write("actions/checkout"))?;
    writeln!(out, "      - uses: {}", to_write("azure/setup-kubectl"))?;
    if !deploy.images.is_empty() {
        write_login(&deploy.images, out)?;
    }
    out.push_str(LOGIN);
    if !deploy.images.is_empty() {
        let overlay = format!("{}/${{{{ env.ENVIRONMENT }}}}", deploy.overlays);
        writeln!(
            out,
            "      - name: Name the images by what was pushed\n        working-directory: {overlay}\n        run: |"
        )?;
        let names: Vec<String> = deploy.images.iter().map(|image| word(&image.name)).collect();
        writeln!(out, "          for image in {}; do", names.join(" "))?;
        out.push_str(NAME);
    }
    out.push_str(
        "      # The same field manager as migrate-tui, so that neither takes fields from the other.\n",
    );
    out.push_str("      - name: Apply\n");
    writeln!(
        out,
        "        run: kubectl apply --server-side --field-manager=migrate-tui -k \"{}/$ENVIRONMENT\"",
        deploy.overlays
    )?;
    let workloads: Vec<String> = deploy.workloads.iter().map(|workload| word(workload)).collect();
    if !workloads.is_empty() {
        out.push_str("      - name: Wait for the rollout\n        run: |\n");
        writeln!(out, "          for workload in {}; do", workloads.join(" "))?;
        writeln!(
            out,
            "            kubectl -n \"{}-$ENVIRONMENT\" rollout status \"$workload\" --timeout=10m\n          done",
            deploy.namespace
        )?;
    }
    Ok(())
}

/// Into each registry that an image is pushed to.
fn write_login(images: &[Image], out: &mut String) -> fmt::Result {
    let mut registries: Vec<&str> = images.iter().map(|image| registry(&image.name)).collect();
    registries.sort_unstable();
    registries.dedup();
    for registry in registries {
        let (user, password) = match registry {
            "ghcr.io" => ("${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}"),
            _ => ("${{ secrets.REGISTRY_USER }}", "${{ secrets.REGISTRY_PASSWORD }}"),
        };
        writeln!(out, "      - uses: {}", to_write("docker/login-action"))?;
        writeln!(out, "        with:\n          registry: {}", quoted(registry))?;
        writeln!(out, "          username: {user}\n          password: {password}")?;
    }
    Ok(())
}

const LOGIN: &str = r#"      - name: Log in to the cluster
        run: |
          umask 077
          printf '%s' "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"
          echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig" >> "$GITHUB_ENV"
        env:
          KUBECONFIG_TEXT: ${{ secrets.KUBECONFIG }}
"#;

const NAME: &str = r#"            digest=$(docker buildx imagetools inspect "$image:$GITHUB_SHA" --format '{{ .Manifest.Digest }}')
            kustomize edit set image "$image@$digest"
          done
"#;

/// The registry of an image; Docker's own when its name has none.
fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// Build arguments, one a line.
fn arguments(args: &BTreeMap<String, Option<String>>) -> String {
    let one = |(name, value): (&String, &Option<String>)| match value {
        Some(value) if !value.contains('\n') => format!("{name}={}", literal_expressions(value)),
        _ => format!("{name}=${{{{ vars.{name} }}}}"),
    };
    in_quotes(&args.iter().map(one).collect::<Vec<_>>().join("\n"))
}

/// A text of YAML that GitHub takes as it is.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let is_text = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_text && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        in_quotes(&literal_expressions(text))
    }
}

fn in_quotes(text: &str) -> String {
    harmless_json(&serde_json::Value::String(text.to_owned()).to_string())
}

/// `${{` is no expression in a text of someone else's.
fn literal_expressions(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// A text in an expression.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// One word of a shell.
fn word(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@".contains(c)) {
        text.to_owned()
    } else {
        format!("'{}'", literal_expressions(text).replace('\'', r"'\''"))
    }
}
