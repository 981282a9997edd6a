# Request Tracker as it is, with settings that a test can change while it runs: those in the file settings.json of its folder.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use JSON;
use RT;

RT->LoadConfig;
RT->InitPluginPaths;
RT->InitLogging;
RT->Init(Heavy => 1);
require RT::PlackRunner;
my $app = RT::PlackRunner->app;

sub {
    open my $in, '<', 'settings.json' or die "settings.json: $!\n";
    my $settings = decode_json(do { local $/; <$in> });
    RT->Config->Set($_, $settings->{$_}) for keys %$settings;
    return $app->(@_);
};
