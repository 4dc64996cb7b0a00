// Something large that a few threads need: `static thread_local PerThread<T>` makes it when a thread first asks. What is thread_local itself
// is cleared for every thread that starts.
#pragma once

#include <memory>

namespace hanse {

template <class T>
class PerThread {
 public:
  // Arrays come with any content.
  T& get() {
    if (holder_ == nullptr) [[unlikely]] holder_.reset(new Holder);
    return holder_->value;
  }

 private:
  struct Holder {
    T value;
  };
  std::unique_ptr<Holder> holder_;
};

}  // namespace hanse
