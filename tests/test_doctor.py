from workbench.doctor import examine


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
