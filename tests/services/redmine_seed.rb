# Makes the database of a Redmine and what its tests need. `ruby redmine_seed.rb KEYS`: API keys by user go to the file KEYS.
require 'json'
require '/usr/share/redmine/config/application'

RedmineApp::Application.load_tasks
Rake::Task['db:migrate'].invoke
# They were read while there were no tables.
ActiveRecord::Base.descendants.each(&:reset_column_information)

Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.default_language = 'en'
IssuePriority.create!(:name => 'Normal', :is_default => true)
tracker = Tracker.create!(:name => 'Support', :default_status => IssueStatus.create!(:name => 'New'))
support, = %w[support elsewhere].map do |identifier|
  Project.create!(:name => identifier.capitalize, :identifier => identifier, :is_public => false,
                  :trackers => [tracker], :enabled_module_names => ['issue_tracking'])
end

admin = User.find_by_login('admin')
admin.update!(:must_change_passwd => false)
users = [admin]
{
  'agent' => [:view_issues, :add_issue_notes, :set_notes_private, :view_private_notes],
  'public-agent' => [:view_issues, :add_issue_notes, :view_private_notes],
  'customer' => [:view_issues]
}.each do |login, permissions|
  user = User.new(:firstname => login, :lastname => 'Test', :mail => "#{login}@tracker.example")
  user.login = login
  user.password = SecureRandom.hex(16)
  user.save!
  role = Role.create!(:name => login, :permissions => permissions, :issues_visibility => 'all')
  Member.create!(:project => support, :principal => user, :roles => [role])
  users << user
end

File.write(ARGV.fetch(0), JSON.dump(users.map {|user| [user.login, user.api_key]}.to_h))
