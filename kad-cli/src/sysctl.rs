//! Kernel settings under `/proc/sys`: set, and put back as they were.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Settings that were changed here, and what they were before.
#[derive(Debug)]
pub struct Sysctls {
    root: PathBuf,
    changed: BTreeMap<String, Change>,
}

#[derive(Debug)]
struct Change {
    before: String,
    now: String,
}

/// Why a setting is not as it should be.
#[derive(Debug, Error)]
#[error("{setting} cannot be {attempt}: {source}")]
pub struct SysctlError {
    setting: String,
    attempt: String,
    source: io::Error,
}

impl SysctlError {
    /// Whether there is no such setting: its interface is gone, or the kernel was built without it.
    pub fn is_missing(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

impl Sysctls {
    /// The settings of the network namespace of the threads that use it.
    pub fn new() -> Self {
        Self::at(Path::new("/proc/sys"))
    }

    fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            changed: BTreeMap::new(),
        }
    }

    /// What a setting is now. It is named by its path, as `net/ipv4/conf/eth0/rp_filter`: an interface's name may have
    /// dots.
    pub fn get(&self, setting: &str) -> Result<String, SysctlError> {
        let text =
            fs::read_to_string(self.root.join(setting)).map_err(failed(setting, || "read".to_owned()))?;
        Ok(text.trim().to_owned())
    }

    /// Sets it. What it was before is put back by [`restore`](Self::restore), however often it is set.
    pub fn set(&mut self, setting: &str, value: &str) -> Result<(), SysctlError> {
        let before = self.get(setting)?;
        if before == value {
            return Ok(());
        }
        self.write(setting, value)?;
        let change = self.changed.entry(setting.to_owned()).or_insert(Change {
            before,
            now: String::new(),
        });
        value.clone_into(&mut change.now);
        Ok(())
    }

    /// The names in a folder of settings, in order.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, SysctlError> {
        let entries = fs::read_dir(self.root.join(folder)).map_err(failed(folder, || "read".to_owned()))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Forgets what the settings under a folder were: the interface they belonged to is gone.
    pub fn forget(&mut self, folder: &str) {
        self.changed
            .retain(|setting, _| !Path::new(setting).starts_with(folder));
    }

    /// Puts back what was changed, and answers with what cannot be. What somebody else has changed since is theirs, and
    /// what is gone needs nothing.
    pub fn restore(&mut self) -> Vec<SysctlError> {
        let changed = std::mem::take(&mut self.changed);
        let mut errors = Vec::new();
        for (setting, change) in changed {
            if self.get(&setting).is_ok_and(|value| value == change.now) {
                errors.extend(self.write(&setting, &change.before).err());
            }
        }
        errors
    }

    fn write(&self, setting: &str, value: &str) -> Result<(), SysctlError> {
        fs::write(self.root.join(setting), value).map_err(failed(setting, || format!("set to {value}")))
    }
}

impl Default for Sysctls {
    fn default() -> Self {
        Self::new()
    }
}

fn failed(setting: &str, attempt: impl Fn() -> String) -> impl Fn(io::Error) -> SysctlError {
    move |source| SysctlError {
        setting: written(setting),
        attempt: attempt(),
        source,
    }
}

/// A setting as sysctl(8) writes it: dots for slashes, and slashes for dots.
fn written(setting: &str) -> String {
    let swap = |letter| match letter {
        '/' => '.',
        '.' => '/',
        other => other,
    };
    setting.chars().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(settings: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in settings {
            fs::write(folder.path().join(name), value).unwrap();
        }
        folder
    }

    fn value(folder: &tempfile::TempDir, name: &str) -> String {
        fs::read_to_string(folder.path().join(name)).unwrap()
    }

    #[test]
    fn first_value_comes_back_however_often_it_was_set() {
        let folder = folder(&[("a", "0\n"), ("b", "1\n")]);
        let mut sysctls = Sysctls::at(folder.path());
        sysctls.set("a", "1").unwrap();
        sysctls.set("a", "2").unwrap();
        sysctls.set("b", "1").unwrap();
        assert_eq!(
            (sysctls.get("a").unwrap().as_str(), value(&folder, "b").as_str()),
            ("2", "1\n")
        );
        assert!(sysctls.restore().is_empty());
        assert_eq!(value(&folder, "a"), "0");
    }

    #[test]
    fn what_somebody_else_changed_since_stays() {
        let folder = folder(&[("a", "0\n"), ("gone", "0\n")]);
        let mut sysctls = Sysctls::at(folder.path());
        sysctls.set("a", "1").unwrap();
        sysctls.set("gone", "1").unwrap();
        fs::write(folder.path().join("a"), "2").unwrap();
        fs::remove_file(folder.path().join("gone")).unwrap();
        assert!(sysctls.restore().is_empty());
        assert_eq!(value(&folder, "a"), "2");
        assert!(!folder.path().join("gone").exists());
    }

    #[test]
    fn settings_of_an_interface_that_is_gone_are_forgotten() {
        let folder = folder(&[("other", "0\n")]);
        fs::create_dir(folder.path().join("eth0")).unwrap();
        fs::write(folder.path().join("eth0/a"), "0\n").unwrap();
        let mut sysctls = Sysctls::at(folder.path());
        sysctls.set("eth0/a", "1").unwrap();
        sysctls.set("other", "1").unwrap();
        sysctls.forget("eth0");
        assert!(sysctls.restore().is_empty());
        assert_eq!(
            (
                value(&folder, "eth0/a").as_str(),
                value(&folder, "other").as_str()
            ),
            ("1", "0")
        );
    }

    #[test]
    fn missing_setting_says_what_it_is() {
        let folder = folder(&[]);
        let error = Sysctls::at(folder.path()).set("net/vrrp.1/a", "1").unwrap_err();
        assert!(error.is_missing());
        assert!(
            error.to_string().starts_with("net.vrrp/1.a cannot be read: "),
            "{error}"
        );
    }
}
