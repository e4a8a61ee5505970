/* harness/runner/tap_device.c */
#define _GNU_SOURCE
#include "harness/runner/tap_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TUN_PATH "/dev/net/tun"
#define OWN_NETNS "/proc/self/ns/net"

static int enter_netns(const char *path, char *why, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, room, "there is no network namespace %.150s: %s", path, strerror(errno));
        return -1;
    }
    int entered = setns(fd, CLONE_NEWNET);
    if (entered != 0)
        snprintf(why, room, "the network namespace %.150s cannot be entered: %s%s", path,
                 strerror(errno), errno == EPERM ? " (root is needed)" : "");
    close(fd);
    return entered;
}

/* A tun descriptor belongs to the namespace in which it was opened. */
static int open_tun(char *why, size_t room)
{
    int fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        snprintf(why, room, "%s cannot be opened: %s", TUN_PATH, strerror(errno));
    return fd;
}

static int open_tun_in(const char *netns, char *why, size_t room)
{
    if (netns == NULL)
        return open_tun(why, room);
    int own = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
    if (own < 0) {
        snprintf(why, room, "%s cannot be opened: %s", OWN_NETNS, strerror(errno));
        return -1;
    }
    int fd = enter_netns(netns, why, room) == 0 ? open_tun(why, room) : -1;
    if (setns(own, CLONE_NEWNET) != 0 && fd >= 0) {
        snprintf(why, room, "there is no way back from %.150s: %s", netns, strerror(errno));
        close(fd);
        fd = -1;
    }
    close(own);
    return fd;
}

/* What TUNSETIFF's error means for a device of this name. */
static const char *refusal(int error)
{
    switch (error) {
    case EPERM:
        return "not permitted (root or CAP_NET_ADMIN is needed)";
    case EBUSY:
        return "another program has it";
    case EINVAL:
        return "there is such a device, but it is no TAP";
    default:
        return strerror(error);
    }
}

static bool attach(int fd, const char *name, char *why, size_t room)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    memcpy(request.ifr_name, name, strlen(name) + 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0)
        snprintf(why, room, "the device %s cannot be opened: %s", name, refusal(errno));
    else if (ioctl(fd, TUNSETOFFLOAD, 0UL) != 0)
        snprintf(why, room, "the device %s keeps its checksums to itself: %s", name,
                 strerror(errno));
    else
        return true;
    return false;
}

int tap_device_open(const char *name, const char *netns, char *why, size_t room)
{
    size_t len = strlen(name);
    if (len == 0 || len >= IFNAMSIZ || strpbrk(name, "/% ") != NULL) {
        snprintf(why, room, "\"%.60s\" has to be a device's name, 1 to %d characters", name,
                 IFNAMSIZ - 1);
        return -1;
    }
    int fd = open_tun_in(netns, why, room);
    if (fd >= 0 && !attach(fd, name, why, room)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool keeps_frames_apart(int fd)
{
    int kind;
    socklen_t size = sizeof kind;
    struct ifreq request = {.ifr_flags = 0};
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0)
        return kind == SOCK_SEQPACKET || kind == SOCK_DGRAM;
    return ioctl(fd, TUNGETIFF, &request) == 0 && (request.ifr_flags & IFF_TAP) != 0 &&
           (request.ifr_flags & IFF_NO_PI) != 0 && (request.ifr_flags & IFF_VNET_HDR) == 0;
}

bool tap_device_adopt(int fd, char *why, size_t room)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        snprintf(why, room, "there is no descriptor %d", fd);
    else if (!keeps_frames_apart(fd))
        snprintf(why, room, "descriptor %d is neither a TAP (without packet information) nor a "
                 "socket that keeps frames apart", fd);
    else if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        snprintf(why, room, "descriptor %d cannot be used: %s", fd, strerror(errno));
    else
        return true;
    return false;
}
