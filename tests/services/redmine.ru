# Redmine as it is, with settings that a test can change while it runs: those in the file settings.json of its folder.
require 'json'
require '/usr/share/redmine/config/application'

# What no request asks for need not be loaded: that halves the time to start.
Rails.application.config.before_initialize { Rails.application.config.eager_load = false }
require '/usr/share/redmine/config/environment'

class SettingsOfTheTest
  def initialize(app)
    @app = app
  end

  def call(env)
    JSON.parse(File.read('settings.json')).each {|name, value| Setting[name] = value unless Setting[name] == value}
    @app.call(env)
  end
end

use SettingsOfTheTest
run Rails.application
