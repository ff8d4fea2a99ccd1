from importlib import metadata

from packaging.requirements import Requirement

from workbench.doctor import examine, required_packages, torch_build


def test_what_the_tests_themselves_need_is_found_here():
    findings = {finding.what: finding for finding in examine()}
    assert findings["Python"].is_ok
    assert findings["Packages"].is_ok
    assert findings["Built-in model"].found.endswith(".gguf")


def test_whatever_is_missing_has_a_fix():
    for finding in examine():
        assert finding.is_ok or finding.fix


def test_a_missing_package_is_named_with_its_fix(monkeypatch):
    monkeypatch.setattr("workbench.doctor._NEEDED", ("torch", "no_such_package"))
    packages = next(finding for finding in examine() if finding.what == "Packages")
    assert not packages.is_ok
    assert packages.found == "missing: no_such_package"
    assert "make install" in packages.fix


def test_the_build_of_torch_is_said_without_importing_it():
    found = next(finding for finding in examine() if finding.what == "torch").found
    assert torch_build() in ("CPU",) or torch_build().startswith(("CUDA ", "ROCm "))
    assert torch_build() in found
    assert metadata.version("torch") in found


def test_a_version_out_of_its_limits_is_named(monkeypatch):
    assert any(each.name == "torch" for each in required_packages())
    monkeypatch.setattr("workbench.doctor.required_packages", lambda: [Requirement("pydantic<2"), Requirement("typer")])
    versions = next(finding for finding in examine() if finding.what == "Versions")
    assert not versions.is_ok
    assert versions.found == f"pydantic {metadata.version('pydantic')} (wants <2)"
