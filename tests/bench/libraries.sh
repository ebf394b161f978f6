#!/bin/sh
# A folder of libraries and plugins of well-known programs, for tests/bench/files.py: Debian packages, fetched and
# unpacked, not installed. What is there already stays.
#
# usage: libraries.sh FOLDER
set -eu

folder=${1:?usage: libraries.sh FOLDER}
packages="
	firefox-esr libwebkit2gtk-4.0-37 libjavascriptcoregtk-4.0-18 libqt5webenginecore5
	libqt5core5a libqt5gui5 libqt5widgets5 libqt5network5 libqt5qml5 libqt5quick5
	libllvm14 libllvm15 libllvm16 libclang-cpp14 libclang1-14 libnode108
	libreoffice-core inkscape gimp libgimp2.0 vlc-plugin-base libvlccore9 libmagickcore-6.q16-6
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
	samba samba-libs samba-common-bin samba-dsdb-modules samba-vfs-modules collectd-core libwireshark16
	r-base-core octave liboctave9 libvtk9.1 libgdal32 libgl1-mesa-dri
	python3-numpy python3-scipy python3-pandas python3-matplotlib python3-lxml python3-pil libpython3.11-stdlib
	apache2-bin libphp8.2 php8.2-common perl-base libperl5.36 erlang-base
	libboost-locale1.74.0 libboost-log1.74.0 libboost-python1.74.0 libboost-regex1.74.0 libboost-wave1.74.0
	postgresql-15 postgresql-contrib uwsgi-core libgtk-3-0 libgtk-4-1 bind9-libs frr freeradius zabbix-agent
"

mkdir -p "$folder/packages"
cd "$folder/packages"
for package in $packages; do
	if ! ls "${package}"_*.deb >/dev/null 2>&1; then
		apt-get download -q "$package" >/dev/null 2>&1 || echo "libraries.sh: $package is not to be had" >&2
	fi
done
for package in *.deb; do
	if ! [ -e "$package.done" ]; then
		dpkg-deb -x "$package" ../root
		: >"$package.done"
	fi
done
