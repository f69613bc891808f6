package batch

// scriptText is the job array. By bash it submits itself; task 0 sums up; the others work. Old clusters have bash 4.2: there "${a[@]}" of an
// empty array is an error under set -u.
const scriptText = `#!/bin/bash
# Aligns the recordings of a plan in a job array of Slurm and sums up. Made by pialign batch script. Call it study.sh, then
#
#   bash study.sh                    submits all: the tasks, and what sums up when they have ended, well or not
#   bash study.sh --array=3,7        submits tasks 3 and 7 again, and what sums up
#   sbatch --array=3 study.sh        submits task 3 alone; task 0 sums up
#
# Options of sbatch may follow the first two, as in: bash study.sh --account=lab --partition=short. With --wait it waits and ends as what sums
# up does: 0 if all are aligned, 3 if some are not as good as asked for, 4 if some are not aligned, 1 if none is.
# What each task says is in slurm-<job>_<task>.out, in the folder that you submit from.
#
# A task that failed, was cancelled or killed, or ran out of time: submit it again, or all. What is done stays as it is; of it the input is only read. Also
# after the plan was changed: each task does its part of the plan as it is then.
#
# {ABOUT}
# What you may want to change:
#   --array          1-{TASKS}%4 lets no more than four run at a time, if the disk cannot bear more. For another number of tasks make the script anew
#   --cpus-per-task  of one task
#   --mem            in MiB; make the script anew with --memory to let pialign use more
#   --time           in minutes; a task that needs more is ended, and goes on when it is submitted again
#SBATCH --job-name=pialign
#SBATCH --array=1-{TASKS}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={PROCESSORS}
#SBATCH --mem={MEMORY}M
#SBATCH --time={MINUTES}
#SBATCH --requeue
set -eu
tasks={TASKS}
pialign={PROGRAM}
plan={PLAN}
out={OUT}
export GOMAXPROCS="${SLURM_CPUS_PER_TASK:-{PROCESSORS}}"

case ${SLURM_ARRAY_TASK_ID-} in
'') ;; # not in a task: below
0) exec "$pialign" batch merge "$out" --plan "$plan"{MERGE} ;;
*) exec "$pialign" batch run "$plan" --out "$out" --shard "$SLURM_ARRAY_TASK_ID/$tasks"{RUN} ;;
esac

me=${BASH_SOURCE[0]-}
if [ ! -f "$me" ]; then
  echo "write this script to a file, and run that by bash" >&2
  exit 2
fi
all=()  # options of both jobs
some=() # those of the tasks alone
wait=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
  --wait | -W) ;;
  --*=*) ;;
  --[a-z]* | -[A-Za-z]) # the next word is its value, unless it is an option
    case ${1--} in
    -*) ;;
    *)
      case $option in
      --*) option+="=$1" ;;
      *) option+=$1 ;;
      esac
      shift
      ;;
    esac
    ;;
  esac
  case $option in
  --array=* | -a?* | --dependency=* | -d?*) some+=("$option") ;;
  --wait | -W) wait+=(--wait) ;;
  --*=* | --[a-z]* | -[A-Za-z]*) all+=("$option") ;;
  *)
    echo "$option: no option of sbatch; give these as --name=value or --name value" >&2
    exit 2
    ;;
  esac
done
job=$(sbatch --parsable ${all[@]+"${all[@]}"} ${some[@]+"${some[@]}"} "$me")
job=${job%%;*} # a cluster's name may follow
echo "tasks: job $job; when they have ended, well or not, task 0 of one more job sums up in $out"
exec sbatch --array=0 --dependency="afterany:$job" ${wait[@]+"${wait[@]}"} ${all[@]+"${all[@]}"} "$me"
`
