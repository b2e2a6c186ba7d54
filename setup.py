"""What pyproject.toml cannot say: `assets/` stands at the top of the repository and is installed inside the package."""

from setuptools import find_packages, setup

ASSETS = "clinicalblip.assets"  # found by clinicalblip/asset_folder.py

setup(
    packages=[*find_packages(include=["clinicalblip", "clinicalblip.*"]), ASSETS],
    package_dir={ASSETS: "assets"},
    package_data={"clinicalblip": ["py.typed"], ASSETS: ["**/*"]},
    include_package_data=False,
)
