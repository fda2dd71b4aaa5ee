#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

/// Real programs for tests: started, stopped in the middle of things, and never left behind.
namespace test {

[[noreturn]] inline void raise_errno(char const* what)
{
    throw std::system_error{errno, std::generic_category(), what};
}

/// Waits until `condition()` holds, and returns whether it did before `limit` was over.
template <class Condition>
bool wait_until(Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds{20})
{
    auto const end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

/// A port of the loopback interface that nobody listens on right now.
inline std::uint16_t free_port()
{
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) raise_errno("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bool const ok = ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    ::close(fd);
    if (!ok) raise_errno("bind");
    return ntohs(address.sin_port);
}

/// A directory of its own under the system's temporary one, removed with all that is in it. Its path is short enough
/// for the name of a unix socket.
class temporary_directory {
public:
    temporary_directory() : path_{(std::filesystem::temp_directory_path() / "strata-XXXXXX").string()}
    {
        if (!::mkdtemp(path_.data())) raise_errno("mkdtemp");
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }
    [[nodiscard]] std::string operator/(std::string const& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

/// A child process, killed by its id in the destructor. It also dies when the thread that started it ends.
class process {
public:
    process() = default;

    /// Starts `command`, found along the path. What it writes goes to the file `log`.
    explicit process(std::vector<std::string> command, std::string const& log = "/dev/null")
    {
        std::vector<char*> argv;
        for (std::string& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        ::pid_t const parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) raise_errno("fork");
        if (pid_ > 0) return;
        // Only what is safe between fork and exec in a program with several threads.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(126);
        ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
        int const out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    process(process&& other) noexcept : pid_{std::exchange(other.pid_, -1)} {}
    process& operator=(process&& other) noexcept
    {
        kill();
        pid_ = std::exchange(other.pid_, -1);
        return *this;
    }
    ~process() { kill(); }

    [[nodiscard]] ::pid_t pid() const noexcept { return pid_; }

    /// Whether it has not ended.
    [[nodiscard]] bool running()
    {
        if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
        return pid_ > 0;
    }

    /// Stops it where it stands (SIGSTOP). Returns once it has stopped.
    void stop()
    {
        signal(SIGSTOP);
        int state = 0;
        if (::waitpid(pid_, &state, WUNTRACED) != pid_ || !WIFSTOPPED(state)) {
            throw std::runtime_error{"the process ended instead of stopping"};
        }
    }

    /// Lets it go on after `stop`.
    void cont() { signal(SIGCONT); }

    /// Ends it at once (SIGKILL). Returns once it is gone.
    void kill() noexcept
    {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
        pid_ = -1;
    }

private:
    void signal(int number) const
    {
        if (pid_ <= 0 || ::kill(pid_, number) != 0) throw std::runtime_error{"the process is not running"};
    }

    ::pid_t pid_ = -1;
};

} // namespace test
